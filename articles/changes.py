"""What moved between two snapshots, part by part: found, said, stored, and applied again, whole or in part."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Any, get_type_hints

from .html_wording import BlockChange, html_diff
from .snapshot import (
    Citation,
    Contributor,
    Correction,
    KeyPoint,
    Pace,
    Photo,
    Section,
    Snapshot,
    Source,
    Story,
    Topic,
    plain,
    read,
)
from .wording import Piece, common, word_diff

Part = KeyPoint | Section | Citation | Correction | Photo

# The lists of parts: what one is called, its list in the snapshot, its type. The order is that of the page.
LISTS: dict[str, tuple[str, type]] = {
    "key_point": ("key_points", KeyPoint),
    "section": ("sections", Section),
    "citation": ("citations", Citation),
    "correction": ("corrections", Correction),
}
LABELS = {
    "headline": "Headline",
    "lead": "Lead",
    "why_it_matters": "Why it matters",
    "kicker": "Kicker",
    "topic": "Topic",
    "language": "Language",
    "pace": "Pace",
    "format_note": "How this page is kept",
    "byline": "Byline",
    "share_text": "Share text",
    "stale_hours": "Hours until a key point wants confirming again",
    "key_point": "Key point",
    "section": "Section",
    "citation": "Source",
    "photo": "Photo",
    "correction": "Correction",
}
# The rest of a photo's fields say which pixels are shown: together they are its crop.
_PHOTO_TEXTS = ("alt", "caption", "credit", "licence")
_PHOTO_PIXELS = ("crop", "file", "width", "height", "focal_x", "focal_y")

NOTHING = Snapshot(Story("", "", "", "", Topic("", ""), "", Pace.DEVELOPING, "", (), ""))


class DoesNotApply(ValueError):
    """A change is about a part that this snapshot does not have, or has already."""


@dataclass(frozen=True)
class Change:
    """
    One thing that moved.

    `part` is a field of the story ("headline", "lead"...), "key_point", "section", "citation", "photo" or
    "correction"; `id` says which one of a list, and `name` says it to people.
    `what` is "added", "removed", "moved", "replaced", "reworded", "renamed", "changed" or the name of the field
    that changed ("verification", "citations", "as_of", "reason", "role", "alt", "caption", "credit", "crop"...).
    `before` and `after` are the values of that `field`, or of the whole part where `field` is empty; for "moved"
    they are places in the list, from 1.
    `place` is that of an added or moved one in the new list, from 1, and `behind` the id of the nearest before it
    that stayed in place; "" is the start.
    """

    part: str
    id: str | None
    what: str
    field: str
    before: Any
    after: Any
    name: str = ""
    behind: str | None = None
    place: int = 0

    @property
    def key(self) -> str:
        """What to choose parts by: "lead", "key_point:<id>"."""
        return f"{self.part}:{self.id}" if self.id else self.part

    @property
    def label(self) -> str:
        """
        >>> Change("key_point", "1", "verification", "verification", "reported", "confirmed").label
        'Key point: confirmed, was reported'
        """
        label = LABELS[self.part]
        if self.what == "verification":
            return f"{label}: {self.after}, was {self.before}"
        return f"{label} {_SAID.get(self.what, self.what)}"

    @cached_property
    def pieces(self) -> list[Piece]:
        """The change word by word; empty where there are no words to compare, and for HTML, which has `blocks`."""
        return [] if self.field == "body" else word_diff(_words(self.before), _words(self.after))

    @cached_property
    def blocks(self) -> list[BlockChange]:
        """The change of a section's body, also of one that came or went; empty for everything else."""
        if self.part != "section" or self.field not in ("", "body"):
            return []
        return html_diff(_body(self.before), _body(self.after))


_SAID = {
    "verification": "verification changed",
    "citations": "sources changed",
    "as_of": "as-of time changed",
    "reason": "reason changed",
    "role": "role changed",
    "alt": "description changed",
    "caption": "caption changed",
    "credit": "credit changed",
    "licence": "licence changed",
    "crop": "crop changed",
}


def compare(old: Snapshot | None, new: Snapshot) -> tuple[Change, ...]:
    """
    Everything that has to be done to make `new` of `old`, in the order of the page; None is before the first.

    `apply(old, compare(old, new)) == new`, and the fewest parts are called moved.
    """
    old = old or NOTHING
    lists = {part: _compare_lists(part, old, new) for part in LISTS}
    corrections = lists.pop("correction")
    found = [
        _compare_stories(old.story, new.story),
        *lists.values(),
        _compare_photos(old.photo, new.photo),
        corrections,
    ]
    return tuple(change for changes in found for change in changes)


def _compare_stories(old: Story, new: Story) -> Iterator[Change]:
    for field, before, after in _different_fields(old, new):
        what = "changed"
        if field not in ("topic", "language", "pace", "byline", "stale_hours"):
            what = "reworded" if before and after else "added" if after else "removed"
        yield Change(field, None, what, field, before, after)


def _compare_lists(part: str, old: Snapshot, new: Snapshot) -> Iterator[Change]:
    attribute, _ = LISTS[part]
    was = {item.id: item for item in getattr(old, attribute)}
    now = {item.id: item for item in getattr(new, attribute)}
    stayed = _stayed([id for id in was if id in now], [id for id in now if id in was])
    places = {id: place for place, id in enumerate(was, start=1)}
    behind = ""
    for place, (id, item) in enumerate(now.items(), start=1):
        if id not in was:
            yield Change(part, id, "added", "", None, item, _name(item), behind, place)
        elif id not in stayed:
            yield Change(part, id, "moved", "position", places[id], place, _name(item), behind, place)
        if id in was:
            yield from _compare_fields(part, was[id], item)
        if id in stayed:
            behind = id
    yield from (Change(part, id, "removed", "", was[id], None, _name(was[id])) for id in was if id not in now)


def _stayed(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Those that need not be moved: the most that are in the same order in both."""
    return {before[place] for place, _ in common(before, after)}


def _compare_fields(part: str, old: Part, new: Part) -> Iterator[Change]:
    for field, before, after in _different_fields(old, new):
        what = {"text": "reworded", "body": "reworded", "heading": "renamed"}.get(field, field)
        if part in ("citation", "correction"):
            what = "changed"
        yield Change(part, new.id, what, field, before, after, _name(new))


def _compare_photos(old: Photo | None, new: Photo | None) -> Iterator[Change]:
    if old is None or new is None or (old.id, old.photo) != (new.id, new.photo):
        if old != new:
            what = "added" if old is None else "removed" if new is None else "replaced"
            yield Change("photo", None, what, "", old, new, _name(new or old))
        return
    for field in _PHOTO_TEXTS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Change("photo", None, field, field, before, after, _name(new))
    if _pixels(old) != _pixels(new):
        yield Change("photo", None, "crop", "crop", _pixels(old), _pixels(new), _name(new))


def _pixels(photo: Photo) -> tuple[str | int, ...]:
    return tuple(getattr(photo, field) for field in _PHOTO_PIXELS)


def _different_fields(old, new) -> Iterator[tuple[str, Any, Any]]:
    for field in fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield field.name, before, after


def apply(old: Snapshot | None, changes: Iterable[Change]) -> Snapshot:
    """
    The snapshot with these changes made: all that `compare` found from `old`, or any of them, in any order.

    With some of them only the parts they name are touched: the others keep their content and their order.
    Raises `DoesNotApply` for a change of a part that `old` does not have.
    """
    old = old or NOTHING
    changes = list(changes)
    return Snapshot(
        story=replace(old.story, **{change.field: change.after for change in changes if change.part in _STORY}),
        photo=_apply_photo(old.photo, [change for change in changes if change.part == "photo"]),
        **{
            attribute: _apply_list(getattr(old, attribute), [change for change in changes if change.part == part])
            for part, (attribute, _) in LISTS.items()
        },
    )


_STORY = {field.name for field in fields(Story)}


def _apply_photo(photo: Photo | None, changes: list[Change]) -> Photo | None:
    for change in changes:
        if not change.field:
            photo = change.after
        elif photo is None:
            raise DoesNotApply("The photo that this change is about is no longer there.")
        elif change.field == "crop":
            photo = replace(photo, **dict(zip(_PHOTO_PIXELS, change.after, strict=True)))
        else:
            photo = replace(photo, **{change.field: change.after})
    return photo


def _apply_list(items: tuple[Part, ...], changes: list[Change]) -> tuple[Part, ...]:
    found = {item.id: item for item in items}
    for change in changes:
        if (change.id in found) == (change.what == "added"):
            state = "there already" if change.what == "added" else "no longer there"
            raise DoesNotApply(f"{LABELS[change.part]} “{change.name}” is {state}.")
    for change in changes:
        if change.what == "added":
            found[change.id] = change.after
        elif change.field and change.what != "moved":
            found[change.id] = replace(found[change.id], **{change.field: change.after})
    return tuple(found[id] for id in _apply_order([item.id for item in items], changes))


def _apply_order(order: list[str], changes: list[Change]) -> list[str]:
    gone = {change.id for change in changes if change.what in ("removed", "moved")}
    order = [id for id in order if id not in gone]
    newest_behind: dict[str, str] = {}
    for change in sorted((change for change in changes if change.place), key=lambda change: change.place):
        anchor = newest_behind.get(change.behind, change.behind)
        if anchor and anchor not in order:
            raise DoesNotApply(f"{LABELS[change.part]} “{change.name}” stood behind one that is no longer there.")
        order.insert(order.index(anchor) + 1 if anchor else 0, change.id)
        newest_behind[change.behind] = change.id
    return order


def to_plain(changes: Iterable[Change]) -> list[dict]:
    """The changes as JSON has them."""
    return [{field.name: plain(getattr(change, field.name)) for field in fields(Change)} for change in changes]


def from_plain(data: Iterable[dict]) -> tuple[Change, ...]:
    """The changes that `to_plain` was given."""
    return tuple(
        Change(**{**change, **{side: _value(change, change[side]) for side in ("before", "after")}})
        for change in data
    )


def _value(change: dict, value):
    part, field = change["part"], change["field"]
    kind = {"photo": Photo}.get(part) or LISTS.get(part, ("", Story))[1]
    if not field:
        return value and read(kind, value)
    # The pixels of a photo are one field of a change, and several of the photo; a place is a field of none.
    return tuple(value) if (part, field) == ("photo", "crop") else read(_types(kind).get(field, Any), value)


_types = cache(get_type_hints)


def _name(item: Part | None) -> str:
    match item:
        case KeyPoint():
            return item.text
        case Section():
            return item.heading
        case Citation():
            return item.source.publisher if item.source else ""
        case Photo():
            return item.caption or item.alt
        case Correction():
            return item.right


def _body(value: str | Section | None) -> str:
    return value.body if isinstance(value, Section) else value or ""


def _words(value) -> str:
    """What a page can compare of a value, in words."""
    match value:
        case str():
            return str(value)
        case KeyPoint() | Section() | Photo():
            return _name(value)
        case Citation():
            return _words(value.source)
        case Source():
            return ", ".join(filter(None, (getattr(value, field.name) for field in fields(value))))
        case Correction():
            return f"{value.wrong} {value.right}"
        case Topic():
            return value.name
        case [Contributor(), *_]:
            return ", ".join(person.name for person in value)
        case _:
            return ""
