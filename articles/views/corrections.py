"""What was wrong and is right now; and what readers hold to be wrong."""

roads = []
