"""Fit a run to data, and assess it on held-out rows."""
