"""Images: their files and folders, modes and stacks."""
