"""Two editors' work on one snapshot, brought together part by part."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from .changes import LISTS, NOTHING, Change, compare
from .snapshot import Snapshot, Story


@dataclass(frozen=True)
class Merged:
    """Both sides' work; of the parts that both made something else of, here by their keys, it has mine."""

    snapshot: Snapshot
    conflicts: tuple[str, ...]


def merge(base: Snapshot | None, mine: Snapshot, theirs: Snapshot, *, taking: Collection[str] = ()) -> Merged:
    """
    Everything that either side did to `base`. What one side left alone is as the other has it.

    A part is a field of the story, one item of a list with all its fields, or the photo. Both sides changing one
    differently is a conflict, and so is one deleting what the other edited; moving a part is apart from editing
    it. `taking` are the keys of conflicts in which theirs is taken: they conflict no more.
    """
    base = base or NOTHING
    contents, conflicts = _merge_contents(*(_contents(snapshot) for snapshot in (base, mine, theirs)), taking)
    my_moves, their_moves = _moves(base, mine), _moves(base, theirs)
    conflicts += _places_in_conflict(my_moves, their_moves, contents, taking)
    for key in taking:
        my_moves.pop(key, None)
    return Merged(
        Snapshot(
            story=Story(**{field.name: contents[field.name] for field in fields(Story)}),
            photo=contents["photo"],
            **{
                attribute: tuple(
                    contents[key] for key in _order(part, mine, theirs, contents, my_moves, their_moves)
                )
                for part, (attribute, _) in LISTS.items()
            },
        ),
        tuple(dict.fromkeys(conflicts)),
    )


def _contents(snapshot: Snapshot) -> dict[str, Any]:
    """Every part by its key; where there is no photo it is None."""
    items = {
        f"{part}:{item.id}": item for part, (attribute, _) in LISTS.items() for item in getattr(snapshot, attribute)
    }
    return {
        **{field.name: getattr(snapshot.story, field.name) for field in fields(Story)},
        "photo": snapshot.photo,
        **items,
    }


def _merge_contents(base: dict, mine: dict, theirs: dict, taking: Collection[str]) -> tuple[dict, list[str]]:
    merged, conflicts = {}, []
    for key in {**mine, **theirs, **base}:
        was, my, their = (side.get(key) for side in (base, mine, theirs))
        is_conflict = my != their and was not in (my, their) and key not in taking
        merged[key] = their if my == was or key in taking else my
        if is_conflict:
            conflicts.append(key)
    return merged, conflicts


def _moves(base: Snapshot, side: Snapshot) -> dict[str, Change]:
    return {change.key: change for change in compare(base, side) if change.what == "moved"}


def _places_in_conflict(
    mine: dict[str, Change], theirs: dict[str, Change], contents: dict, taking: Collection[str]
) -> list[str]:
    return [
        key
        for key, move in mine.items()
        if key in theirs and theirs[key].behind != move.behind and contents[key] and key not in taking
    ]


def _order(
    part: str,
    mine: Snapshot,
    theirs: Snapshot,
    contents: dict,
    my_moves: Collection[str],
    their_moves: Collection[str],
) -> list[str]:
    """My order; behind the nearest that stands before it in theirs comes what they added, or they alone moved."""
    mine, theirs = ([f"{part}:{item.id}" for item in getattr(side, LISTS[part][0])] for side in (mine, theirs))
    coming = {key for key in theirs if key not in mine or (key in their_moves and key not in my_moves)}
    order = [key for key in mine if key not in coming and contents[key]]
    for place, key in enumerate(theirs):
        if key in coming and contents[key]:
            anchors = (other for other in reversed(theirs[:place]) if other in order and other not in my_moves)
            anchor = next(anchors, None)
            order.insert(order.index(anchor) + 1 if anchor else 0, key)
    return order
