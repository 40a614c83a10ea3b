"""Data and choices become a judged run."""
