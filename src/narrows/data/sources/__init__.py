"""Where examples are stored, one file a storage."""
