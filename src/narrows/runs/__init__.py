"""A run: a fitted model in use, and its folder of files."""
