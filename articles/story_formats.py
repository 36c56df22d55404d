"""The three story formats that come with the project; editors change them at the desk."""

FORMATS = [
    {
        "slug": "news-update",
        "name": "News update",
        "kicker": "News update",
        "note": (
            "What is new comes first, and the recap stays short.\n"
            "Background is kept to what this turn of the story needs.\n"
            "The page is made for readers who come back to see what changed."
        ),
        "headings": "What happened\nKey details\nWhy it matters\n> Background",
    },
    {
        "slug": "explainer",
        "name": "Explainer",
        "kicker": "Explainer",
        "note": (
            "This page explains how things stand and is revised when they move.\n"
            "It gives background more room than a news update does."
        ),
        "headings": "In short\nHow it works\n> How we got here\n> What comes next",
        "lead_words": 60,
        "key_point_count": 8,
        "context_percent": 70,
        "stale_hours": 24 * 14,
    },
    {
        "slug": "live-event",
        "name": "Live event",
        "kicker": "Live",
        "note": (
            "This page follows an event while it happens.\n"
            "Early reports can be wrong; each key point says how sure we are and since when."
        ),
        "headings": "Now\nSo far\n> Background",
        "key_point_count": 10,
        "stale_hours": 3,
    },
]


def provide(**kwargs) -> None:
    """Put the formats into a database that has none."""
    from .models import StoryFormat

    if not StoryFormat.objects.exists():
        StoryFormat.objects.bulk_create(StoryFormat(**fields) for fields in FORMATS)
