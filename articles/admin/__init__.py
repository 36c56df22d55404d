"""The desk: where stories are written, ordered, published, compared and restored."""

from . import article, library, photo, record, story_format

__all__ = ["article", "library", "photo", "record", "story_format"]
