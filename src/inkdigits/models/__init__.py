"""The networks, one a file, read top to bottom."""
