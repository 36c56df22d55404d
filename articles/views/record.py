"""The public record of a story: its chain of hashes, and where a sentence once stood."""

roads = []
