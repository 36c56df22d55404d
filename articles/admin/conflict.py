"""Two editors on one story: what one saved while the other was writing, side by side, so that nothing is lost."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse

from .. import saved_states, working_copy
from ..change_log_page import Told, tell
from ..changes import LABELS, compare
from ..merging import Merged, merge
from ..models import Article, Citation, Desk, KeyPoint, PhotoUse, SavedState, Section
from ..snapshot import Snapshot
from ..wording import word_diff
from .forms import version_of
from .pages import page
from .rich_text import is_same_text

# What a conflict page adds to the form that it sends on.
SEEN, TAKE = "seen-save", "take-"
SIDES = ("mine", "theirs")
ANOTHER_TAB = "you, in another tab"
# The key of a part that no snapshot has.
ADDRESS = "slug"


class Stale(Exception):
    """
    A page of a story was saved, after the story had been saved elsewhere since it was opened.

    This is the page of the whole story; a page of less of it says what was `typed` and how to `write` it.
    """

    def __init__(self, form: ModelForm, formsets: Iterable[BaseInlineFormSet] = ()):
        super().__init__()
        self.form = form
        self.formsets = {formset.model: formset for formset in formsets}

    def slug(self, sides: "Sides") -> str:
        return self.form.cleaned_data["slug"]

    def typed(self, sides: "Sides") -> Snapshot:
        cited = {str(citation.pk): citation for citation in self._parts(Citation)}
        snapshot = working_copy.assemble(
            self.form.instance,
            byline=self.form.cleaned_data["byline"],
            key_points=[
                (row.instance, [cited[pk] for pk in row.cleaned_data["citations"] if pk in cited])
                for row in self._rows(KeyPoint)
            ],
            sections=self._parts(Section),
            citations=cited.values(),
            photo_use=next(iter(self._parts(PhotoUse)), None),
            **working_copy.public_record(sides.article),
        )
        return _as_it_was_typed(snapshot, sides.base) if sides.base else snapshot

    def write(self, sides: "Sides", merged: Snapshot, *, takes_their_address: bool) -> None:
        """A snapshot, and what none tells: the rows behind its names, the address, where the edition stands."""
        article, mine, typed = sides.article, sides.mine.story, self.form.cleaned_data
        if merged.story.topic == mine.topic:
            article.topic = typed["topic"]
        if merged.story.format_note == mine.format_note:
            article.format = typed["format"]
        if typed["slug"] != sides.base_slug and not takes_their_address:
            article.slug = typed["slug"]
        self._save_confidential(merged)
        working_copy.write(article, merged)
        if merged.story.byline == mine.byline:
            article.byline.set(typed["byline"])
        self.formsets[Desk].save()

    def _save_confidential(self, merged: Snapshot) -> None:
        """A snapshot does not name a confidential source, so that new citations of one are saved before it is."""
        kept = {citation.id for citation in merged.citations}
        for place, citation in enumerate(self._parts(Citation), start=len(kept) + 1_000):
            if citation.confidential_source_id and citation._state.adding and str(citation.pk) in kept:
                citation.position = place
                citation.save()

    def _rows(self, model) -> list[ModelForm]:
        return self.formsets[model].rows()

    def _parts(self, model) -> list:
        parts = [row.instance for row in self._rows(model)]
        for position, part in enumerate(parts, start=1):
            part.position = position
        return parts


@dataclass(frozen=True)
class Sides:
    """A story as the editor opened it, as they would have it, and as it was saved meanwhile."""

    stale: Stale
    article: Article
    state: SavedState | None
    theirs: Snapshot

    @classmethod
    def of(cls, stale: Stale, article: Article) -> "Sides":
        state = article.saved_states.filter(version=stale.form.cleaned_data["version"]).first()
        return cls(stale, article, state, working_copy.read(article))

    @cached_property
    def base(self) -> Snapshot | None:
        """None when the history of that time was pruned: then whatever differs is a conflict."""
        return saved_states.read(self.state) if self.state else None

    @cached_property
    def mine(self) -> Snapshot:
        return self.stale.typed(self)

    def merged(self, taking: Collection[str] = ()) -> Merged:
        return merge(self.base, self.mine, self.theirs, taking=taking)

    @cached_property
    def base_slug(self) -> str:
        return saved_states.story(self.state).slug if self.state else ""

    @property
    def my_slug(self) -> str:
        return self.stale.slug(self)

    def disputed(self) -> list[str]:
        """The keys of what both changed, each to something else."""
        address = [ADDRESS] if len({self.base_slug, self.my_slug, self.article.slug}) == 3 else []
        return [*self.merged().conflicts, *address]


def _as_it_was_typed(mine: Snapshot, base: Snapshot) -> Snapshot:
    """Without what a form changes by itself: a time's fractions of a second, and how HTML is laid out."""
    points = {point.id: point for point in base.key_points}
    sections = {section.id: section for section in base.sections}
    return replace(
        mine,
        key_points=tuple(
            replace(point, as_of=was.as_of)
            if (was := points.get(point.id)) and was.as_of.replace(microsecond=0) == point.as_of
            else point
            for point in mine.key_points
        ),
        sections=tuple(
            replace(section, body=was.body)
            if (was := sections.get(section.id)) and is_same_text(was.body, section.body)
            else section
            for section in mine.sections
        ),
    )


def conflict_page(request: HttpRequest, stale: Stale) -> HttpResponse:
    """What both did; the form is carried along, to be sent again with a choice wherever the two conflict."""
    article = Article.objects.select_related("desk").get(pk=stale.form.instance.pk)
    sides = Sides.of(stale, article)
    mine = _by_part(sides.base, sides.mine) | _address(sides.base_slug, sides.my_slug)
    theirs = _by_part(sides.base, sides.theirs) | _address(sides.base_slug, article.slug)
    # A choice was made between the texts of one save; of a newer one it says nothing.
    chosen = request.POST if request.POST.get(SEEN) == str(article.desk.version) else {}
    conflicts = [
        {
            "name": TAKE + key,
            "part": _part(key),
            "chosen": chosen.get(TAKE + key),
            "mine": mine.pop(key, []),
            "theirs": theirs.pop(key, []),
        }
        for key in sides.disputed()
    ]
    saves = article.saved_states.filter(version__gt=stale.form.cleaned_data["version"])
    saves = [(save, _who(save, request.user)) for save in saves.select_related("revision__user")]
    return page(
        request,
        article,
        "conflict.html",
        "Saved while you were writing",
        status=409,
        saves=saves,
        they=" and ".join(dict.fromkeys(who for _, who in saves)),
        is_between_tabs={who for _, who in saves} == {ANOTHER_TAB},
        conflicts=conflicts,
        unchosen=[conflict for conflict in conflicts if chosen and conflict["chosen"] not in SIDES],
        was_seen_before=has_chosen(request) and not chosen,
        has_base=sides.base is not None,
        mine=_only_in(mine, theirs),
        theirs=_only_in(theirs, mine),
        seen=(SEEN, article.desk.version),
        carried=[
            (name, values)
            for name, values in request.POST.lists()
            if name not in (SEEN, "csrfmiddlewaretoken") and not name.startswith(TAKE)
        ],
    )


def _part(key: str) -> str:
    return "Address" if key == ADDRESS else LABELS[key.partition(":")[0]]


def _who(save: SavedState, user) -> str:
    saved_by = save.revision.user
    if saved_by == user:
        return ANOTHER_TAB
    return saved_by.get_full_name() or saved_by.get_username() if saved_by else "somebody unknown"


def _only_in(side: dict[str, list[Told]], other: dict[str, list[Told]]) -> list[Told]:
    """What one side did; what both did alike is no news to either."""
    return [*chain.from_iterable(told for key, told in side.items() if told != other.get(key))]


def _by_part(base: Snapshot | None, side: Snapshot) -> dict[str, list[Told]]:
    """What one side did, as a page shows it, by the keys of the parts."""
    changes = compare(base, side)
    parts = {change.key: [] for change in changes}
    for change, told in zip(changes, tell(changes, side), strict=True):
        parts[change.key].append(told)
    return parts


def _address(base: str, side: str) -> dict[str, list[Told]]:
    is_same = base == side
    return {} if is_same else {ADDRESS: [Told("Address", pieces=word_diff(base, side))]}


def has_chosen(request: HttpRequest) -> bool:
    """Whether the editor has seen the conflict page."""
    return SEEN in request.POST


def save_both(request: HttpRequest, stale: Stale) -> None:
    """
    Save what both did, with the editor's choices, on top of the save that the conflict page showed.

    Raises `working_copy.StaleCopy` if there is a newer one, or a choice is missing.
    """
    seen = version_of(request.POST[SEEN])
    if seen is None:
        raise working_copy.StaleCopy
    taking = {
        name.removeprefix(TAKE) for name, side in request.POST.items() if name.startswith(TAKE) and side == "theirs"
    }
    article = Article.objects.get(pk=stale.form.instance.pk)
    comment = "Brought together with what was saved meanwhile"
    with working_copy.saving(article, by=request.user, version=seen, comment=comment):
        sides = Sides.of(stale, article)
        if any(request.POST.get(TAKE + key) not in SIDES for key in sides.disputed()):
            raise working_copy.StaleCopy
        stale.write(sides, sides.merged(taking).snapshot, takes_their_address=ADDRESS in taking)
    stale.form.instance.refresh_from_db()
