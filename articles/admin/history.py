"""The history of a story: every save and every edition in one line of time, to look at, compare and restore."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import CharField, F, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from .. import publishing, saved_states, working_copy
from ..change_log_page import tell
from ..changes import Change, compare
from ..models import Article, Desk, Revision, SavedState
from ..snapshot import Snapshot
from . import unsaved
from .forms import version_of
from .pages import page
from .withholding import may_withhold

ROWS_ON_PAGE = 50
# What restoring leaves as it is: the site's own, and what publishing alone moves.
STAYS = {"topic", "byline", "format_note", "stale_hours", "pace", "correction"}
STALE = "The story was saved while you were looking, and nothing was restored. Below is what would change now."


@dataclass(frozen=True)
class Moment:
    """When something was kept: a save, an edition, or an edition with the save it came from."""

    at: datetime
    save: SavedState | None = None
    edition: Revision | None = None

    @property
    def is_withheld(self) -> bool:
        return self.edition is not None and hasattr(self.edition, "withholding")

    @property
    def keys(self) -> list[str]:
        """What addresses may call it."""
        edition = [f"edition-{self.edition.number}"] if self.edition else []
        return [*edition, f"save-{self.save.version}"] if self.save else edition

    @property
    def key(self) -> str:
        return self.keys[0]

    @property
    def number(self) -> int:
        return self.edition.number if self.edition else self.save.version

    @property
    def name(self) -> str:
        return self.key.replace("-", " ")

    @property
    def href(self) -> str:
        """Where it can be restored from."""
        if self.edition:
            return reverse("admin:story_edition", args=[self.edition.article_id, self.edition.number])
        return reverse("admin:story_saved_state", args=[self.save.article_id, self.save.version])

    def read(self) -> Snapshot:
        return self.edition.content if self.edition else saved_states.read(self.save)


@require_safe
def history(request: HttpRequest, article: Article) -> HttpResponse:
    try:
        shelf = Paginator(_moments(article), ROWS_ON_PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    rows = _rows(article, shelf)
    keys = {key: row.key for row in rows for key in row.keys if not row.is_withheld}
    chosen = {end: keys.get(key := request.GET.get(end, ""), key) for end in ("from", "to")}
    comparable = [row for row in rows if not row.is_withheld]
    if shelf.number == 1 and not any(chosen.values()) and len(comparable) > 1:
        # From one edition to the next: the save it was made of says nothing more than it does.
        newest, *earlier = comparable
        before = [row for row in earlier if row.edition] if newest.edition else []
        chosen = {"from": [*before, *earlier][0].key, "to": newest.key}
    elsewhere = [
        {"end": end, "moment": _moment(article, key)} for end, key in chosen.items() if key and key not in keys
    ]
    shown = {"shelf": shelf, "rows": rows, "chosen": chosen, "elsewhere": elsewhere}
    shown["may_withhold"] = may_withhold(request.user) and article.revisions.with_words().exists()
    return page(request, article, "history.html", "History", **shown)


def _moments(article: Article) -> QuerySet:
    """When something was kept, newest first: every save, and the editions whose save was pruned since."""

    def moments(rows, at, what, number):
        what = Value(what, output_field=CharField())
        return rows.order_by().annotate(at=F(at), what=what, which=F(number)).values_list("at", "what", "which")

    saves = moments(article.saved_states, "revision__date_created", "save", "version")
    editions = moments(article.revisions.filter(saved_state=None), "published_at", "edition", "number")
    return saves.union(editions, all=True).order_by("-at", "-which")


def _rows(article: Article, shelf: Page) -> list[Moment]:
    """What the moments of one page are, without the weight of what was kept."""
    saves = article.saved_states.filter(version__in=[which for _, what, which in shelf if what == "save"])
    saves = saves.select_related("revision__user", "edition__withholding")
    saves = saves.defer("edition__snapshot", "edition__changes")
    editions = article.revisions.filter(number__in=[which for _, what, which in shelf if what == "edition"])
    editions = editions.select_related("withholding")
    found = {("save", save.version): {"save": save, "edition": save.edition} for save in saves}
    found |= {
        ("edition", edition.number): {"edition": edition} for edition in editions.defer("snapshot", "changes")
    }
    return [Moment(at, **found[what, which]) for at, what, which in shelf if (what, which) in found]


def _moment(article: Article, key: str) -> Moment:
    what, _, number = key.partition("-")
    number = version_of(number)
    if number is None or what not in ("save", "edition"):
        raise Http404(f"A story has no moment “{key}”.")
    return (_save if what == "save" else _edition)(article, number)


def _save(article: Article, version: int) -> Moment:
    save = get_object_or_404(article.saved_states.select_related("revision__user"), version=version)
    return Moment(save.revision.date_created, save=save)


def _edition(article: Article, number: int) -> Moment:
    edition = get_object_or_404(article.revisions.with_words(), number=number)
    return Moment(edition.published_at, edition=edition)


@require_safe
def comparison(request: HttpRequest, article: Article) -> HttpResponse:
    """What changed between any two moments, the earlier one first."""
    chosen = [_moment(article, request.GET.get(end, "")) for end in ("from", "to")]
    before, after = sorted(chosen, key=lambda moment: (moment.at, moment.number))
    content = after.read()
    parts = _by_part(compare(before.read(), content), content)
    title = f"{before.name.capitalize()} beside {after.name}"
    shown = {"ends": [before, after], "before": before, "after": after, "parts": parts}
    return page(request, article, "comparison.html", title, **shown)


def saved_state(request: HttpRequest, article: Article, version: int) -> HttpResponse:
    return _kept(request, article, _save(article, version))


def edition(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    return _kept(request, article, _edition(article, number))


@require_http_methods(["GET", "HEAD", "POST"])
def _kept(request: HttpRequest, article: Article, moment: Moment) -> HttpResponse:
    """What restoring something kept would change in the working copy; to be restored, whole or in parts."""
    version, kept = Desk.objects.get(article=article).version, moment.read()
    changes = compare(working_copy.read(article), kept)
    chosen = {"parts": request.GET.getlist("parts")}
    form = RestoreForm(request.POST if request.method == "POST" else None, initial=chosen, changes=changes)
    if form.is_valid():
        try:
            _restore(request, article, moment.name, kept, form)
        except working_copy.StaleCopy:
            form.add_error(None, STALE)
        else:
            unsaved.saved(request)
            messages.success(request, f"Restored from {moment.name}. Readers see it when you publish.")
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
    shown = {"form": form, "version": version, "moment": moment, "parts": _by_part(changes, kept)}
    return page(request, article, "kept.html", moment.name.capitalize(), **shown)


def _by_part(changes: tuple[Change, ...], kept: Snapshot) -> list[dict]:
    """The changes of one part together, and whether it can be restored."""
    parts = {}
    for change, told in zip(changes, tell(changes, kept), strict=True):
        part = parts.setdefault(change.key, {"key": change.key, "stays": change.part in STAYS, "changes": []})
        part["changes"].append(told)
    return list(parts.values())


def _restore(request: HttpRequest, article: Article, name: str, kept: Snapshot, form: "RestoreForm") -> None:
    version = version_of(request.POST.get("version", ""))
    if version is None:
        raise working_copy.StaleCopy
    reason = form.cleaned_data["reason"]
    publishing.restore(
        article,
        kept,
        by=request.user,
        version=version,
        comment=f"Restored from {name}: {reason}" if reason else f"Restored from {name}",
        parts=form.cleaned_data["parts"],
    )


class RestoreForm(forms.Form):
    """Which parts to restore; `parts` is None for all of them."""

    parts = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "The story has moved on; choose among the parts as they are now."},
    )
    reason = forms.CharField(required=False, max_length=200, help_text="Why; kept in the history.")

    def __init__(self, *args, changes: tuple[Change, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.whole = "whole" in self.data
        self.fields["parts"].choices = [
            (change.key, change.label) for change in changes if change.part not in STAYS
        ]

    def clean_parts(self):
        if not self.whole and not self.cleaned_data["parts"]:
            raise forms.ValidationError("Choose what to restore.")
        return None if self.whole else self.cleaned_data["parts"]
