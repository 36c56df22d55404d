"""The desk of the letters."""
