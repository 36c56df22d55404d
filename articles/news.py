"""What open pages are told of a story: the number and kind of its newest edition, and which editions were news."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from .kinds import Kind, Live
from .models import Revision

# The most editions that are named: what a page left open for a day missed.
MOST_NAMED = 50
PROMPTING = [kind for kind in Kind if kind.rule.live == Live.PROMPT]


@dataclass(frozen=True)
class News:
    """
    The newest edition, the same for every reader.

    `changes` are the numbers of the newest editions that readers are told of, newest first: whoever has an edition
    counts those after it. Of those in `withheld`, newest first, no word stays on any page. Once the story itself is
    gone, withdrawn or withheld, its page says why.
    """

    number: int
    kind: Kind
    note: str
    changes: tuple[int, ...]
    withheld: tuple[int, ...]
    is_gone: bool

    def as_json(self) -> str:
        told = {
            "number": self.number,
            "kind": self.kind,
            "note": self.note,
            "changes": self.changes,
            "withheld": self.withheld,
            "prompt": self.kind.rule.live == Live.PROMPT,
            "withdrawn": self.is_gone,
        }
        return json.dumps(told)


def newest(articles: Iterable[int]) -> dict[int, News]:
    """The news of these stories, by their keys; none of a story that never had readers."""
    before = Revision.objects.filter(article=OuterRef("article")).order_by("-number").values("number")
    editions = Revision.objects.newest().filter(article__in=articles).order_by()
    found = editions.annotate(
        changed=ArraySubquery(before.filter(kind__in=PROMPTING)[:MOST_NAMED]),
        withheld_numbers=ArraySubquery(before.withheld()[:MOST_NAMED]),
        is_public=Exists(Revision.objects.public().filter(pk=OuterRef("pk"))),
    ).values_list("article", "number", "kind", "note", "changed", "withheld_numbers", "is_public")
    return {
        article: News(number, Kind(kind), note if is_public else "", tuple(changed), tuple(withheld), not is_public)
        for article, number, kind, note, changed, withheld, is_public in found
    }
