"""Leaving: by one click in the mail program, or by the button behind the link."""

roads = []
