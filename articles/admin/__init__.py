"""The desk: where stories are written, ordered, published, compared and restored."""

from . import article, library, people, photo, record

__all__ = ["article", "library", "people", "photo", "record"]
