"""One small snapshot, for examples of what changes in it."""

from datetime import UTC, datetime

from articles.snapshot import (
    Citation,
    Contributor,
    KeyPoint,
    Pace,
    Photo,
    Section,
    SectionRole,
    Snapshot,
    Source,
    Story,
    Topic,
    Verification,
)

NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)


def point(id, text="Italy is interested.", verification=Verification.REPORTED, **fields):
    return KeyPoint(id, text, verification, **{"as_of": NOON, **fields})


def section(id, heading="Key details", body="<p>Two teams met.</p>", role=SectionRole.DEVELOPMENT):
    return Section(id, heading, body, role)


STORY = Story(
    headline="Italy weighs a drone deal",
    lead="Five drones were shown in Rome.",
    why_it_matters="",
    kicker="News update",
    topic=Topic("ukraine", "Ukraine"),
    language="en",
    pace=Pace.DEVELOPING,
    format_note="Developments first.",
    byline=(Contributor("Ann Example", "reported"),),
    share_text="",
)
SOURCE = Source("Ukrinform UA", "Italy is interested", "https://example.org/a", "wire", "uk")
PHOTO = Photo(
    "u1", "p1", "rome-50-50", 1600, 900, 50, 50, "16:9", "Two men at a table", "In Rome", "Ukrinform", "CC BY"
)
BASE = Snapshot(
    story=STORY,
    key_points=(point("k1"), point("k2", "Norway signed first.")),
    sections=tuple(section(f"s{n}", f"Part {n}") for n in range(1, 6)),
    citations=(Citation("c1", SOURCE, is_primary=True), Citation("c2", None, is_primary=False)),
    photo=PHOTO,
)
