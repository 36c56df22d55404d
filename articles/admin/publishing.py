"""Publishing at the desk: what readers will see change, and what they are told about it."""

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods

from .. import checks, error_reports, publishing, working_copy
from ..change_log_page import tell
from ..changes import Change, compare, from_plain
from ..kinds import Kind, Note, kinds_after
from ..models import Article, Correction, Desk, ErrorReport, Revision
from ..snapshot import Pace, Snapshot, to_json
from ..weighing import suggest_kind
from ..wrong_range import Edition, Stood, stood
from . import unsaved
from .forms import version_of
from .pages import page

# The parts that go out, and that the page asked which.
GOES, ALL = "goes", "asks-what-goes"
# In editions that touched the same parts: how far back what was wrong is followed.
LOOKS_BACK = 300
WITHOUT_WORDS = (Kind.RECONFIRMED, Kind.WITHDRAWN)


_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def fingerprint(snapshot: Snapshot) -> str:
    """
    What tells one set of words from another; without what publishing itself moves.

    Ids count by their order, and times to the second: a part that is typed and not saved has no more.
    """
    points = tuple(replace(point, as_of=point.as_of.replace(microsecond=0)) for point in snapshot.key_points)
    story = replace(snapshot.story, pace=Pace.DEVELOPING)
    words = replace(snapshot, story=story, key_points=points, corrections=())
    names = {}
    text = _ID.sub(lambda found: names.setdefault(found[0], str(len(names))), to_json(words))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Review:
    """A working copy beside the newest edition: all that publishing it would change."""

    article: Article
    desk: Desk
    newest: Revision | None
    snapshot: Snapshot
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, article: Article, snapshot: Snapshot | None = None) -> "Review":
        """Of `snapshot` in place of the working copy, if one is given."""
        desk = Desk.objects.select_related("base_edition").defer("base_edition__changes").get(article=article)
        newest, snapshot = desk.base_edition, snapshot or working_copy.read(article)
        before = newest.content if newest and not newest.is_withheld else None
        return cls(article, desk, newest, snapshot, compare(before, snapshot))

    @property
    def readers_have(self) -> Revision | None:
        """What the working copy is compared with, and can be published a part of."""
        return None if self.newest is None or self.newest.is_withheld else self.newest

    @property
    def kinds(self) -> list[Kind]:
        newest = self.newest and Kind(self.newest.kind)
        is_settled = self.newest is not None and self.newest.pace == Pace.SETTLED
        return [kind for kind in kinds_after(newest, is_settled) if kind not in WITHOUT_WORDS]

    @property
    def suggested(self) -> Kind:
        suggested = suggest_kind(self.changes)
        return suggested if suggested in self.kinds else self.kinds[0]

    @property
    def seen(self) -> str:
        return fingerprint(self.snapshot)

    def parts(self) -> list[dict]:
        """What moved, a part at a time; each can go out alone."""
        told = zip(self.changes, tell(self.changes, self.snapshot), strict=True)
        parts = {}
        for change, words in told:
            parts.setdefault(change.key, []).append(words)
        return [{"key": key, "changes": changes} for key, changes in parts.items()]

    def findings(self, kind: Kind) -> list[checks.Finding]:
        before = self.readers_have and self.readers_have.content
        return checks.run(checks.Edition(self.snapshot, kind, self.article.format, self.changes, before))

    @cached_property
    def stood(self) -> list[Stood]:
        """Since when readers had what would be changed away."""
        if self.readers_have is None or not self.changes:
            return []
        editions = self.article.revisions
        withheld = editions.withheld().aggregate(number=Max("number"))["number"] or 0
        history = self._history(editions.filter(number__gt=withheld))
        oldest = history[-1][0] if len(history) == LOOKS_BACK else withheld + 1
        return stood(self.changes, history, oldest=oldest)

    def _history(self, editions) -> list[Edition]:
        """What moved in the editions that touched these parts, newest first; all else stays in the database."""
        touched = Q()
        for part, id in {(change.part, change.id) for change in self.changes}:
            touched |= Q(changes__contains=[{"part": part, "id": id}])
        rows = editions.filter(touched).order_by("-number").values_list("number", "changes")[:LOOKS_BACK]
        return [(number, from_plain(changes)) for number, changes in rows]

    @property
    def wrong_range(self) -> dict[str, int]:
        """The range of wrong editions to begin with: since what is changed away was first there."""
        if self.newest is None:
            return {}
        first = {"first_wrong": self.stood[0].since} if self.stood else {}
        return {**first, "last_wrong": self.newest.number}

    def reasons(self) -> list[dict]:
        """What stood, and since when: why that range is proposed."""
        times = self.article.revisions.filter(number__in=[found.since for found in self.stood])
        times = dict(times.values_list("number", "published_at"))
        return [{"stood": found, "at": times[found.since]} for found in self.stood]


def sentence(label: str, **options) -> forms.CharField:
    """A field with the limit of the verbs; without `maxlength`, as a browser would cut what is pasted."""
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, widget=area, validators=[MaxLengthValidator(publishing.LONGEST)], **options)


class WaitingReports(forms.ModelMultipleChoiceField):
    """What readers have reported of a story, to be ticked where a correction answers it."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, report):
        return f"Of edition {report.edition}: {Truncator(report.text).words(40)}"


class PublishForm(forms.Form):
    kind = forms.ChoiceField(label="What kind of change this is", widget=forms.RadioSelect)
    note = sentence(
        "What moved, in a sentence",
        required=False,
        help_text="Readers see it in the change log, in feeds and in mail.",
    )
    wrong = sentence("What was wrong", required=False)
    right = sentence("What is right", required=False)
    first_wrong = forms.IntegerField(label="First edition that had it wrong", required=False, min_value=1)
    last_wrong = forms.IntegerField(label="Last edition that had it wrong", required=False, min_value=1)
    supersedes = forms.ModelChoiceField(
        Correction.objects.none(),
        label="Takes the place of",
        required=False,
        help_text="An earlier correction that this one replaces.",
    )
    reports = WaitingReports(
        ErrorReport.objects.none(),
        label="Readers’ reports that it answers",
        required=False,
        help_text="Who left an address is mailed what was wrong and what is right.",
    )
    reason = sentence(
        "Why it goes out in spite of the warnings",
        required=False,
        help_text="Kept with the edition, and shown to the desk alone.",
    )
    private_note = sentence(
        "Note to the desk",
        required=False,
        help_text="Kept with the edition; readers never see it.",
    )
    no_mail = forms.BooleanField(
        label="Do not mail this edition",
        required=False,
        help_text="No letter goes out for it. One that goes out for a later edition tells of this one too.",
    )

    # What readers are told in the box of a correction, and what an editor is told who left it out.
    BOX = {
        "wrong": "Say what was wrong: readers read it in the box of the correction.",
        "right": "Say what is right: readers read it in the box of the correction.",
        "first_wrong": "Give the number of the first edition that had it wrong.",
        "last_wrong": "Give the number of the last edition that had it wrong.",
    }
    kinds_with_note = " ".join(kind for kind in Kind if kind.rule.note != Note.NONE)
    kinds_with_box = " ".join(kind for kind in Kind if kind.rule.has_box)
    kinds_with_mail = " ".join(kind for kind in Kind if kind.rule.in_mail)

    def __init__(self, *args, review: Review, report: ErrorReport | None = None, **kwargs):
        """`report` is the one that leads to a correction, if one does."""
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in review.kinds]
        self.initial |= {"kind": review.suggested.value, **review.wrong_range}
        self.fields["supersedes"].queryset = review.article.corrections.replaceable()
        self.fields["reports"].queryset = review.article.error_reports.waiting()
        if report and Kind.CORRECTION in review.kinds:
            first = min(report.edition, self.initial.get("first_wrong", report.edition))
            self.initial |= {"kind": Kind.CORRECTION.value, "reports": [report.pk], "first_wrong": first}

    def clean(self):
        """A box is whole or is left out. Its range is proposed for every kind, and alone is none."""
        filled = [name for name in self.BOX if self.cleaned_data.get(name)]
        is_box = "wrong" in filled or "right" in filled or self._says_box()
        for name, missing in self.BOX.items():
            if is_box and name not in filled and name not in self.errors:
                self.add_error(name, missing)
        return super().clean()

    def _says_box(self) -> bool:
        return self.cleaned_data.get("kind") in {kind.value for kind in Kind if kind.rule.has_box}

    @property
    def said(self) -> dict:
        """What `publishing.publish` is told."""
        names = ("note", "reason", "private_note")
        box = {name: self.cleaned_data[name] for name in (*self.BOX, "supersedes")}
        return {
            **{name: self.cleaned_data[name] for name in names},
            "box": publishing.Box(**box) if self.cleaned_data["wrong"] else None,
            "is_mailed": not self.cleaned_data["no_mail"],
        }

    def refuse(self, refusal: publishing.Refused) -> None:
        if isinstance(refusal, publishing.ChecksFailed):
            if not any(finding.is_error for finding in refusal.findings):
                self.add_error("reason", "Say why this goes out in spite of the warnings, or mend them first.")
            return
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


# Where on the story's page the part stands that a finding is about.
PLACES = {
    "headline": "id_headline",
    "lead": "id_lead",
    "byline": "id_byline",
    "photo": "photo_use-group",
    "key_points": "key_points-group",
    "sections": "sections-group",
    "citations": "citations-group",
}


def linked(article: Article, findings: list[checks.Finding]) -> list[dict]:
    """Findings with the address where each is mended; one about the kind is mended where it is shown."""
    story = reverse("admin:articles_article_change", args=[article.pk])
    return [
        {"finding": found, "href": f"{story}#{PLACES[found.part]}" if found.part in PLACES else "#id_kind"}
        for found in findings
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, article: Article) -> HttpResponse:
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    review = Review.of(article)
    report = article.error_reports.waiting().filter(pk=version_of(request.GET.get("report", ""))).first()
    data = request.POST if request.method == "POST" else None
    form = PublishForm(data, initial=unsaved.said(request, article), review=review, report=report)
    if form.is_valid():
        try:
            with transaction.atomic():
                revision = _publish_what_was_seen(request, article, form)
                if revision.rule.has_box:
                    error_reports.correct(form.cleaned_data["reports"], revision.correction, by=request.user)
        except publishing.Refused as refusal:
            form.refuse(refusal)
        else:
            unsaved.saved(request)
            unsaved.forget_said(request, article)
            return told(request, revision)
    kind = Kind(form["kind"].value()) if form["kind"].value() in review.kinds else review.suggested
    findings = review.findings(kind)
    asked = request.POST if ALL in request.POST else request.GET
    return page(
        request,
        article,
        "publish.html",
        f"Publish edition {review.desk.base_number + 1}",
        review=review,
        parts=review.parts(),
        goes=asked.getlist(GOES) or [change.key for change in review.changes],
        form=form,
        findings=linked(article, findings),
        warns=any(finding.wants_reason for finding in findings),
    )


@transaction.atomic
def _publish_what_was_seen(request: HttpRequest, article: Article, form: PublishForm) -> Revision:
    """Publish the working copy, if it and the newest edition are what the editor looked at."""
    desk = working_copy.lock(article)
    if request.POST.get("base") != str(desk.base_number):
        raise publishing.BaseMoved(desk.base_edition)
    _refuse_unless_seen(request, working_copy.read(article))
    said = {"kind": Kind(form.cleaned_data["kind"]), "by": request.user, "base": desk.base_number, **form.said}
    chosen = _chosen(request, article)
    if chosen is not None:
        return publishing.publish_part(article, changes=chosen, **said)
    revision = publishing.publish(article, **said)
    # The story's lock holds no source, photo or name; one of them may have been saved since.
    _refuse_unless_seen(request, revision.content)
    return revision


def _chosen(request: HttpRequest, article: Article) -> list[Change] | None:
    """The changes that go out alone; None for all."""
    changes = Review.of(article).changes
    chosen = [change for change in changes if change.key in request.POST.getlist(GOES)]
    if ALL not in request.POST or len(chosen) == len(changes):
        return None
    if not chosen:
        raise publishing.Refused("Tick what goes out; nothing is ticked.")
    return chosen


def _refuse_unless_seen(request: HttpRequest, snapshot: Snapshot) -> None:
    if request.POST.get("seen") == fingerprint(snapshot):
        return
    if "_publish" in request.POST:
        raise publishing.Refused("Your text is saved. Below is what goes out: look at it, then publish.")
    raise publishing.Refused(
        "The story, or something it shows, was saved while you were looking. Below is what would go out now: look "
        "at it, then publish again."
    )


def told(request: HttpRequest, revision: Revision) -> HttpResponse:
    messages.success(request, f"Edition {revision.number} is out: {Kind(revision.kind).label}.")
    for name in settings.AFTER_PUBLISHING:
        said = import_string(name)(revision, request.user)
        if said:
            messages.info(request, said)
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[revision.article_id]))
