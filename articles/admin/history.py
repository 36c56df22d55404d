"""The history of a story: every save and every edition in one line of time, to look at and to restore."""

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
from ..models import Article, Desk
from ..snapshot import Snapshot
from .forms import version_of
from .pages import page

ROWS_ON_PAGE = 50
# What restoring leaves as it is: the site's own, and what publishing alone moves.
STAYS = {"topic", "byline", "format_note", "pace", "correction"}
STALE = "The story was saved while you were looking, and nothing was restored. Below is what would change now."


@require_safe
def history(request: HttpRequest, article: Article) -> HttpResponse:
    try:
        shelf = Paginator(_moments(article), ROWS_ON_PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    return page(request, article, "history.html", "History", shelf=shelf, rows=_rows(article, shelf))


def _moments(article: Article) -> QuerySet:
    """When something was kept, newest first: every save, and the editions whose save was pruned since."""

    def moments(rows, at, what, number):
        what = Value(what, output_field=CharField())
        return rows.order_by().annotate(at=F(at), what=what, which=F(number)).values_list("at", "what", "which")

    saves = moments(article.saved_states, "revision__date_created", "save", "version")
    editions = moments(article.revisions.filter(saved_state=None), "published_at", "edition", "number")
    return saves.union(editions, all=True).order_by("-at", "-which")


def _rows(article: Article, shelf: Page) -> list[dict]:
    """What the moments of one page are, without the weight of what was kept."""
    saves = article.saved_states.filter(version__in=[which for _, what, which in shelf if what == "save"])
    saves = saves.select_related("revision__user", "edition").defer("edition__snapshot", "edition__changes")
    editions = article.revisions.filter(number__in=[which for _, what, which in shelf if what == "edition"])
    found = {("save", save.version): {"save": save, "edition": save.edition} for save in saves}
    found |= {
        ("edition", edition.number): {"edition": edition} for edition in editions.defer("snapshot", "changes")
    }
    return [{"at": at, **found[what, which]} for at, what, which in shelf if (what, which) in found]


def saved_state(request: HttpRequest, article: Article, version: int) -> HttpResponse:
    state = get_object_or_404(article.saved_states.select_related("revision"), version=version)
    return _kept(request, article, f"save {version}", saved_states.read(state))


def edition(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    revision = get_object_or_404(article.revisions, number=number)
    return _kept(request, article, f"edition {number}", revision.content)


@require_http_methods(["GET", "HEAD", "POST"])
def _kept(request: HttpRequest, article: Article, name: str, kept: Snapshot) -> HttpResponse:
    """What restoring something kept would change in the working copy; to be restored, whole or in parts."""
    version = Desk.objects.get(article=article).version
    changes = compare(working_copy.read(article), kept)
    form = RestoreForm(request.POST if request.method == "POST" else None, changes=changes)
    if form.is_valid():
        try:
            _restore(request, article, name, kept, form)
        except working_copy.StaleCopy:
            form.add_error(None, STALE)
        else:
            messages.success(request, f"Restored from {name}. Readers see it when you publish.")
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
    shown = {"form": form, "version": version, "name": name, "parts": _by_part(changes, kept)}
    return page(request, article, "kept.html", name.capitalize(), **shown)


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
