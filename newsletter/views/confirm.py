"""The button behind the link of the first mail."""

roads = []
