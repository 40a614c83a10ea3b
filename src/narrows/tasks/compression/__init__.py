"""Data as fewer bytes: a file that the run decodes again."""
