"""Withholding at the desk: which editions lose their words for good, and why; asked twice, of a chief alone."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from .. import publishing, withholding
from ..models import Article, Desk, Revision, Withholding
from . import unsaved
from .forms import version_of
from .pages import page

# Of the editions that would go, as many are shown with what they say.
SHOWN = 50


class WithholdForm(forms.Form):
    first = forms.IntegerField(label="First edition", min_value=1)
    last = forms.IntegerField(label="Last edition", min_value=1)
    category = forms.ChoiceField(
        label="The reason, as readers are told it", choices=Withholding.Category.choices, widget=forms.RadioSelect
    )
    knows_it_is_for_ever = forms.BooleanField(
        label="I know that nobody can bring these words back.",
        error_messages={"required": "Tick this if you know that nobody can bring the words back."},
    )
    knows_that_saves_go = forms.BooleanField(
        label="I know that every save in the history of this story goes with them.",
        error_messages={"required": "Tick this if you know that the saves of the story go as well."},
    )

    def __init__(self, *args, article: Article, **kwargs):
        super().__init__(*args, **kwargs)
        self.article = article

    def clean(self):
        if not {"first", "last"} <= self.cleaned_data.keys():
            return
        if not self.numbers:
            raise forms.ValidationError("None of these editions has words to withhold. Choose others.")
        if self.data.get("seen") != self.seen:
            raise forms.ValidationError("These are other editions. Look at what goes now, then withhold it.")

    @property
    def seen(self) -> str:
        """The editions that the page shows, those last asked for."""
        return f"{self['first'].value()} to {self['last'].value()}"

    @property
    def numbers(self) -> list[int]:
        """The editions from the first to the last that still have their words."""
        ends = self.cleaned_data["first"], self.cleaned_data["last"]
        return list(_between(self.article, *ends).values_list("number", flat=True))


def may_withhold(user) -> bool:
    return user.has_perm("articles.add_withholding")


def _between(article: Article, first: int, last: int):
    return article.revisions.with_words().filter(number__gte=first, number__lte=last).order_by("-number")


@require_http_methods(["GET", "HEAD", "POST"])
def withhold(request: HttpRequest, article: Article) -> HttpResponse:
    """With ?first= and ?last= the editions are chosen already; without, all are."""
    if not may_withhold(request.user):
        raise PermissionDenied
    newest = Desk.objects.select_related("base_edition").get(article=article).base_number
    chosen = {"first": version_of(request.GET.get("first", "1")), "last": version_of(request.GET.get("last", ""))}
    chosen = {"first": chosen["first"] or 1, "last": chosen["last"] or newest}
    form = WithholdForm(request.POST if request.method == "POST" else None, article=article, initial=chosen)
    if form.is_valid():
        try:
            withholding.withhold(
                article, numbers=form.numbers, category=form.cleaned_data["category"], by=request.user
            )
        except publishing.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _told(request, article, form)
    ends = [version_of(str(form[end].value())) or chosen[end] for end in ("first", "last")]
    going = _between(article, *ends).defer("snapshot", "changes")
    shown = {"form": form, "going": going[:SHOWN], "count": going.count()}
    return page(request, article, "withhold.html", "Withhold editions", **shown)


def _repeating(article: Article) -> str:
    """The editions after one that was withheld with its correction, which have this in their bytes."""
    first = Revision.objects.untold_of(article).first()
    later = article.revisions.with_words().filter(number__gt=first).order_by("number") if first else []
    return ", ".join(f"edition {edition.number}" for edition in later if edition.repeated)


def _told(request: HttpRequest, article: Article, form: WithholdForm) -> HttpResponse:
    unsaved.saved(request)
    messages.success(request, "The words are gone, here and for readers. The record of when and why stays.")
    messages.warning(
        request, "The working copy stands as it was. Take what may not be said out of it before you publish again."
    )
    if repeating := _repeating(article):
        said = "Nobody is shown it any more. Withhold these editions too if its words may not be kept at all."
        messages.warning(
            request, f"A withheld correction stands in the stored bytes of edition {repeating}. {said}"
        )
    return HttpResponseRedirect(reverse("admin:articles_article_history", args=[article.pk]))
