"""The words that all rooms use."""
