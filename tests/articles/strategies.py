"""Hypothesis strategies for snapshots: small ones, so that what two of them share is seen often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from articles.snapshot import (
    Citation,
    Contributor,
    Correction,
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

LINES = [
    "",
    "Rome",
    "Five drones were shown in Rome.",
    "Six drones were shown, in Rome",
    "Зеленський у Римі",
    "中国人 and 🇺🇦",
]
LINK = '<p>See <a href="https://example.org/{}" rel="noopener noreferrer">the deal</a>.</p>'
PARAGRAPHS = [*(f"<p>{line}</p>" for line in LINES if line), LINK.format(1), LINK.format(2), "<h3>Rome</h3>"]

lines = st.sampled_from(LINES)
bodies = st.lists(st.sampled_from(PARAGRAPHS), max_size=3).map("".join)
moments = st.integers(0, 3).map(lambda hours: datetime(2026, 4, 15, 9, tzinfo=UTC) + timedelta(hours=hours))


def ids(family: int):
    """Few ids, so that two lists share some; never the same for parts of two kinds."""
    return st.integers(1, 5).map(lambda number: str(UUID(int=family * 16 + number)))


def parts(family: int, **fields):
    """Fields of the parts of one list, their ids all different."""
    return st.lists(
        st.fixed_dictionaries({"id": ids(family), **fields}), max_size=5, unique_by=lambda part: part["id"]
    )


def made(part, dictionaries):
    return dictionaries.map(lambda found: tuple(part(**fields) for fields in found))


people = st.builds(Contributor, name=lines, role=st.sampled_from(["reported", "edited"]))
stories = st.builds(
    Story,
    headline=lines,
    lead=lines,
    why_it_matters=lines,
    kicker=st.sampled_from(["News update", "Explainer"]),
    topic=st.sampled_from([Topic("ukraine", "Ukraine"), Topic("europe", "Europe")]),
    language=st.sampled_from(["en", "uk"]),
    pace=st.sampled_from(Pace),
    format_note=lines,
    byline=st.lists(people, max_size=2).map(tuple),
    share_text=lines,
    stale_hours=st.sampled_from([0, 24]),
)
sources = st.builds(
    Source,
    publisher=lines,
    title=lines,
    url=st.sampled_from(["https://example.org/a", "https://example.org/b"]),
    kind=st.sampled_from(["wire", "official"]),
    language=st.just("uk"),
)
key_points = made(
    KeyPoint,
    parts(
        1,
        text=lines,
        verification=st.sampled_from(Verification),
        as_of=moments,
        citations=st.lists(ids(3), max_size=2, unique=True).map(tuple),
        reason=lines,
    ),
)
sections = made(Section, parts(2, heading=lines, body=bodies, role=st.sampled_from(SectionRole)))
citations = made(Citation, parts(3, source=st.none() | sources, is_primary=st.booleans(), supports=lines))
photos = st.none() | st.builds(
    Photo,
    id=ids(4),
    photo=ids(5),
    file=st.sampled_from(["rome-50-50", "rome-20-80"]),
    width=st.just(1600),
    height=st.just(900),
    focal_x=st.sampled_from([50, 20]),
    focal_y=st.just(50),
    crop=st.sampled_from(["16:9", "4:3"]),
    alt=lines,
    caption=lines,
    credit=lines,
    licence=lines,
)
corrections = made(
    Correction,
    parts(
        6,
        kind=st.sampled_from(["correction", "clarification"]),
        wrong=lines,
        right=lines,
        number=st.just(3),
        first_wrong=st.just(1),
        last_wrong=st.just(2),
        published_at=moments,
    ),
)
whole_snapshots = st.builds(
    Snapshot,
    story=stories,
    key_points=key_points,
    sections=sections,
    citations=citations,
    photo=photos,
    corrections=corrections,
)


@st.composite
def edited(draw, snapshot: Snapshot) -> Snapshot:
    """The snapshot after an editor's visit: much as it was, some parts changed, moved, added or gone."""
    other = draw(whole_snapshots)
    kept = {name for name in ("story", "photo", "corrections") if draw(st.booleans())}
    mixed = {
        name: _mixed(draw, getattr(snapshot, name), getattr(other, name))
        for name in ("key_points", "sections", "citations")
    }
    return replace(other, **mixed, **{name: getattr(snapshot, name) for name in kept})


def _mixed(draw, old, new):
    """Some parts of each list, in any order, each id once."""
    found = {part.id: part for part in [*old, *new] if draw(st.integers(0, 3))}
    if draw(st.booleans()):
        return tuple(found.values())
    return tuple(draw(st.permutations(list(found.values()))))


@st.composite
def snapshot_pairs(draw) -> tuple[Snapshot, Snapshot]:
    before = draw(whole_snapshots)
    return before, draw(edited(before) | whole_snapshots)


@st.composite
def snapshot_triples(draw) -> tuple[Snapshot, Snapshot, Snapshot]:
    """A base and what two editors made of it."""
    base = draw(whole_snapshots)
    return base, draw(edited(base)), draw(edited(base))
