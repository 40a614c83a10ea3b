"""Uses of a fitted run, one folder for each."""
