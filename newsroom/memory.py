"""What a serving process does with its memory."""

import gc

from django.urls import get_resolver


def set_aside_what_is_loaded() -> None:
    """
    Keep the garbage collector from looking through all of the program again and again.

    It takes 0.15 s to do so, and would in the middle of every second save of a long story.
    """
    get_resolver().url_patterns  # noqa: B018 - loads every view
    gc.collect()
    gc.freeze()
