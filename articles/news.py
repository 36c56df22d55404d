"""What open pages are told of a story: the number and kind of its newest edition, and which editions were news."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from .kinds import Kind, Live
from .models import Revision

# The most that are named: what a page left open for a day missed.
MOST_CHANGES = 50
PROMPTING = [kind for kind in Kind if kind.rule.live == Live.PROMPT]


@dataclass(frozen=True)
class News:
    """
    The newest edition, the same for every reader.

    `changes` are the numbers of the newest editions that readers are told of, newest first: whoever has an edition
    counts those after it. Once the story is gone, withdrawn or withheld, its page says why.
    """

    number: int
    kind: Kind
    note: str
    changes: tuple[int, ...]
    is_gone: bool

    def as_json(self) -> str:
        told = {"number": self.number, "kind": self.kind, "note": self.note, "changes": self.changes}
        return json.dumps({**told, "prompt": self.kind.rule.live == Live.PROMPT, "withdrawn": self.is_gone})


def newest(articles: Iterable[int]) -> dict[int, News]:
    """The news of these stories, by their keys; none of a story that never had readers."""
    prompting = Revision.objects.filter(article=OuterRef("article"), kind__in=PROMPTING).order_by("-number")
    editions = Revision.objects.newest().filter(article__in=articles).order_by()
    found = editions.annotate(
        changed=ArraySubquery(prompting.values("number")[:MOST_CHANGES]),
        is_public=Exists(Revision.objects.public().filter(pk=OuterRef("pk"))),
    ).values_list("article", "number", "kind", "note", "changed", "is_public")
    return {
        article: News(number, Kind(kind), note if is_public else "", tuple(changed), not is_public)
        for article, number, kind, note, changed, is_public in found
    }
