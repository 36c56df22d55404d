"""The public pages of the letters."""
