"""The desk: where stories are written, ordered, published, compared and restored."""

from . import article, error_report, library, photo, record, story_format

__all__ = ["article", "error_report", "library", "photo", "record", "story_format"]
