"""The desk: where stories are written, ordered, published, compared and restored."""

from . import article, library, people, record

__all__ = ["article", "library", "people", "record"]
