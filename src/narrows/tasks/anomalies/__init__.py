"""Detect anomalies."""
