"""The word to open pages that a newer edition is out."""

roads = []
