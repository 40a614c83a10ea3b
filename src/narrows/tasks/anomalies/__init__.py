"""Find anomalies."""
