"""Read files as examples of a kind, prepare them for a model, and write results."""
