"""What a fitted model is used for: one file a verb of the command line."""
