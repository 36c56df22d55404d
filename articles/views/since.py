"""What changed after an edition, and the leads of a story in their order."""

roads = []
