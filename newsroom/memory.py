"""What a serving process does with its memory."""

import gc

from django.template import engines
from django.urls import reverse

# How many objects more make Python look for unused ones among the young, how often among the older, and among all.
SELDOM = (50_000, 5, 100)


def set_aside_what_is_loaded() -> None:
    """
    Keep the garbage collector from looking through the program, and through one long page, again and again.

    With Python's own figures it takes 0.1 s out of every save of a long story; with these it needs 40 MB more.
    """
    load_what_pages_need()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def load_what_pages_need() -> None:
    """Every view, the addresses in order, and what templates are made with: the first to come would wait for it."""
    reverse("admin:index")  # Those of the desk are put in order beside all others.
    engines.all()
