"""Maps of a scan: its codes, clusters, errors and anomaly scores, at the places they belong to."""
