"""Tightening: headline and lead alone, beside what readers have, with what is lost and how they will look."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from .. import frame, publishing, working_copy
from ..kinds import Kind
from ..losses import Lost, lost
from ..models import Article, Desk, Revision
from ..richtext import RichTextRefused, clean_text
from ..snapshot import Snapshot
from ..wording import Piece, word_diff
from . import conflict, unsaved
from .forms import StoryForm
from .pages import page
from .publishing import Review, sentence, told
from .rail import address_of

FIELDS = ("headline", "lead")
# As search engines, cards and mail programs cut them, in characters.
SEARCH_TITLE, SEARCH_TEXT, CARD_TITLE, CARD_TEXT, MAIL_SUBJECT = 60, 155, 70, 125, 50


class TightenForm(StoryForm):
    """The two fields, and what readers are told if they go out at once."""

    note = sentence("What moved, in a sentence", required=False, help_text="Readers see it in the change log.")
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = FIELDS
        widgets = {"headline": forms.Textarea({"rows": 1}), "lead": forms.Textarea({"rows": 3})}


@dataclass(frozen=True)
class Side:
    """One of the two fields: as readers have it, and as it is typed."""

    name: str
    published: str
    pieces: list[Piece]
    lost: Lost
    count: int
    limit: int
    unit: str

    @property
    def is_over(self) -> bool:
        return self.count > self.limit


@require_http_methods(["GET", "HEAD", "POST"])
def tighten(request: HttpRequest, article: Article) -> HttpResponse:
    desk = Desk.objects.select_related("base_edition").get(article=article)
    data = request.POST if request.method == "POST" else None
    said = {"base": desk.base_number, "note": unsaved.said(request, article).get("note", "")}
    form = TightenForm(data, instance=article, initial=said)
    if form.is_valid():
        try:
            return _save(request, article, form)
        except working_copy.StaleCopy:
            return conflict.conflict_page(request, StaleTop(form))
    return page(
        request,
        article,
        "tighten.html",
        "Tighten headline and lead",
        form=form,
        newest=desk.base_edition,
        can_publish=desk.base_edition
        and not desk.base_edition.is_withheld
        and request.user.has_perm("articles.publish_article"),
        **_beside(article, form["headline"].value() or "", form["lead"].value() or "", desk.base_edition),
    )


@require_POST
def look(request: HttpRequest, article: Article) -> HttpResponse:
    """What is typed, beside what readers have; nothing is saved."""
    desk = Desk.objects.select_related("base_edition").get(article=article)
    headline, lead = (_typed(request, name) for name in FIELDS)
    shown = _beside(article, headline, lead, desk.base_edition)
    return render(request, "admin/articles/article/_tighten_live.html", shown)


def _typed(request: HttpRequest, name: str) -> str:
    try:
        return clean_text(request.POST.get(name, ""))
    except RichTextRefused:
        return ""


def _beside(article: Article, headline: str, lead: str, newest: Revision | None) -> dict:
    published = {name: getattr(newest, name) if newest else "" for name in FIELDS}
    limits = article.format
    return {
        "sides": [
            _side(
                "Headline", published["headline"], headline, len(headline), limits.headline_characters, "characters"
            ),
            _side("Lead", published["lead"], lead, len(lead.split()), limits.lead_words, "words"),
        ],
        "address": frame.absolute(address_of(article)),
        "search": (_cut(headline, SEARCH_TITLE), _cut(lead, SEARCH_TEXT)),
        "card": (_cut(headline, CARD_TITLE), _cut(lead, CARD_TEXT)),
        "mail": _cut(headline, MAIL_SUBJECT),
    }


def _side(name: str, published: str, typed: str, count: int, limit: int, unit: str) -> Side:
    pieces = word_diff(published, typed) if published else []
    return Side(name, published, pieces, lost(published, typed), count, limit, unit)


def _cut(text: str, length: int) -> str:
    """At a word, as a machine would cut it."""
    return text if len(text) <= length else f"{text[: length - 1].rsplit(' ', 1)[0]}…"


@transaction.atomic
def _save(request: HttpRequest, article: Article, form: TightenForm) -> HttpResponse:
    if "_publish" in request.POST and not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    if conflict.has_chosen(request):
        conflict.save_both(request, StaleTop(form))
    elif form.has_changed():
        version = form.cleaned_data["version"]
        with working_copy.saving(article, by=request.user, version=version, comment="Tightened headline and lead"):
            form.save()
    unsaved.saved(request)
    unsaved.keep_said(request, article)
    if "_publish" not in request.POST:
        messages.success(request, "Saved. Readers see it when it is published.")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
    return _publish(request, article, form)


def _publish(request: HttpRequest, article: Article, form: TightenForm) -> HttpResponse:
    """These two parts alone; what needs more than a press of the button is said on the page of publishing."""
    if conflict.has_chosen(request):
        return _look_first(request, article, "Below is what goes out: look at it, then publish.")
    changes = [change for change in Review.of(article).changes if change.key in FIELDS]
    said = {"kind": Kind.TIGHTENED, "note": form.cleaned_data["note"], "base": form.cleaned_data["base"] or 0}
    try:
        revision = publishing.publish_part(article, changes=changes, by=request.user, **said)
    except publishing.Refused as refusal:
        return _look_first(request, article, str(refusal))
    unsaved.forget_said(request, article)
    return told(request, revision)


def _look_first(request: HttpRequest, article: Article, why: str) -> HttpResponse:
    messages.warning(request, f"It is saved and not published yet. {why}")
    asked = urlencode({"goes": FIELDS}, doseq=True)
    return HttpResponseRedirect(f"{reverse('admin:story_publish', args=[article.pk])}?{asked}")


class StaleTop(conflict.Stale):
    """Headline and lead alone; all else is as it was."""

    def slug(self, sides: conflict.Sides) -> str:
        return sides.base_slug

    def typed(self, sides: conflict.Sides) -> Snapshot:
        before = sides.base or sides.theirs
        top = replace(before.story, **{name: self.form.cleaned_data[name] for name in FIELDS})
        return replace(before, story=top)

    def write(self, sides: conflict.Sides, merged: Snapshot, **address) -> None:
        working_copy.write(sides.article, merged, only=FIELDS)
