"""Asking for a letter, or to follow a story."""

roads = []
