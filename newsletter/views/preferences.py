"""What one gets, how often, and everything one may ask of us."""

roads = []
