"""Tables: their files, headers and cells, and what columns hold."""
