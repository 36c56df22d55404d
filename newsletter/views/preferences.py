"""What one gets, how often, and everything one may ask of us."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from articles import languages
from articles.public_post import public_post, seconds_to_wait

from .. import choosing, emails, erasing, leaving, mail_requests, offers, signing_up, tokens
from ..about import About, about_each
from ..models import Cadence, Consent, Subscriber, Subscription
from ..personal_data import everything_about
from .behind_links import behind_a_link
from .sign_up import SignUpForm

# As a consent names the page; its whole address has the token in it.
PAGE = "/newsletters/preferences/"
LONGEST_PAUSE = timedelta(days=365)

SAID = {
    "cadence": "Saved. We will write as often as you chose.",
    "left": "Done. We will not send it to you again.",
    "left-everything": "You have unsubscribed from everything. We will send you nothing more.",
    "paused": "Saved.",
    "resumed": "The pause is over. You get everything below as usual.",
    "language": "Saved. We will write to you in that language.",
    "nothing": "Nothing was changed: it had ended already, perhaps in another window. This is how things stand.",
}


class CadenceForm(forms.Form):
    """How often one subscription is to come."""

    cadence = forms.ChoiceField(choices=Cadence.choices)

    def __init__(self, data, subscription: Subscription):
        super().__init__(data)
        self.fields["cadence"].choices = [(cadence, cadence.label) for cadence in cadences_for(subscription)]


class PauseForm(forms.Form):
    """For how long; a date counts more than weeks."""

    WEEKS = [(1, "one week"), (2, "two weeks"), (4, "four weeks")]
    weeks = forms.TypedChoiceField(choices=WEEKS, coerce=int, required=False)
    until = forms.DateField(required=False, error_messages={"invalid": "Please write the date as 2027-01-31."})

    def clean_until(self) -> date | None:
        until = self.cleaned_data["until"]
        if until and not self.first_day <= until <= self.last_day:
            raise ValidationError("Please choose a day between tomorrow and a year from now.")
        return until

    def clean(self):
        if not self.errors and not self.cleaned_data["until"] and not self.cleaned_data["weeks"]:
            self.add_error("until", "Please choose a day.")

    @property
    def first_day(self) -> date:
        return timezone.localdate() + timedelta(days=1)

    @property
    def last_day(self) -> date:
        return timezone.localdate() + LONGEST_PAUSE

    @property
    def moment(self) -> datetime:
        """When letters come again: as that day begins here, or after full weeks."""
        until = self.cleaned_data["until"]
        if until:
            return timezone.make_aware(datetime.combine(until, time()))
        return timezone.now() + timedelta(weeks=self.cleaned_data["weeks"])


@dataclass(frozen=True)
class Row:
    subscription: Subscription
    about: About

    @property
    def cadences(self) -> list[Cadence]:
        return cadences_for(self.subscription)


def cadences_for(subscription: Subscription) -> list[Cadence]:
    """What is offered, and what it has now even if that is offered no more."""
    offered, own = signing_up.cadences_of(subscription.newsletter), Cadence(subscription.cadence)
    return offered if own in offered else [own, *offered]


@behind_a_link
@public_post
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = _subscriber(token)
    if request.method != "POST":
        return _show(request, subscriber, said=SAID.get(request.GET.get("said"), ""))
    act = _ACTS.get(request.POST.get("do"), _nothing)
    said = act(subscriber, request.POST)
    if isinstance(said, PauseForm):
        return _show(request, subscriber, pause=said)
    if not Subscriber.objects.filter(pk=subscriber.pk).exists():
        return render(request, "newsletter/erased.html")
    return HttpResponseRedirect(f"{request.path}?said={said}", status=303)


def _subscriber(token: str) -> Subscriber:
    digest = tokens.subject_of(tokens.Purpose.PREFERENCES, token)
    subscriber = Subscriber.objects.filter(digest=digest).first()
    if subscriber is None:
        raise tokens.BadToken
    tokens.subject_of(tokens.Purpose.PREFERENCES, token, since=subscriber.links_begin_at)
    return subscriber


def _show(request: HttpRequest, subscriber: Subscriber, *, said: str = "", pause: PauseForm | None = None):
    subscriptions = list(_kept(subscriber))
    rows = [Row(s, told) for s, told in zip(subscriptions, about_each(subscriptions), strict=True)]
    has = {row.about.link for row in rows}
    shown = {
        "subscriber": subscriber,
        "letters": [row for row in rows if not row.about.is_story],
        "stories": [row for row in rows if row.about.is_story],
        "others": [offer for offer in offers.every_offer() if offer.address not in has],
        "is_paused": subscriber.paused_until is not None and subscriber.paused_until > timezone.now(),
        "pause": pause or PauseForm(),
        "languages": _languages(subscriber),
        "said": said,
        "here": request.path,
    }
    return render(request, "newsletter/preferences.html", shown)


def _languages(subscriber: Subscriber) -> list[tuple[str, str, bool]]:
    """Those we can write in: tag, name, and whether it is this person's."""
    own = subscriber.language
    return [(tag, languages.name(tag), languages.is_same(tag, own)) for tag in emails.LANGUAGES]


def _kept(subscriber: Subscriber):
    """What this person gets, or asked for."""
    kept = subscriber.subscriptions
    return (kept.active() | kept.pending()).select_related("newsletter")


def _one_of(subscriber: Subscriber, sent) -> Subscription | None:
    """The one that the form is about, if it has not ended meanwhile."""
    key = sent.get("subscription", "")
    return _kept(subscriber).filter(pk=key).first() if re.fullmatch("[0-9]{1,18}", key) else None


def _choose_cadence(subscriber: Subscriber, sent) -> str:
    subscription = _one_of(subscriber, sent)
    form = subscription and CadenceForm(sent, subscription)
    if not form or not form.is_valid():
        return "nothing"
    choosing.choose_cadence(subscription, form.cleaned_data["cadence"], page=PAGE)
    return "cadence"


def _leave(subscriber: Subscriber, sent) -> str:
    subscription = _one_of(subscriber, sent)
    if subscription is None:
        return "nothing"
    leaving.leave(subscription, method=Consent.Method.LINK, page=PAGE)
    return "left"


def _leave_everything(subscriber: Subscriber, sent) -> str:
    leaving.leave_everything(subscriber, method=Consent.Method.LINK, page=PAGE)
    return "left-everything"


def _pause(subscriber: Subscriber, sent) -> str | PauseForm:
    """The form again where it cannot be taken."""
    form = PauseForm(sent)
    if not form.is_valid():
        return form
    choosing.pause(subscriber, form.moment, page=PAGE)
    return "paused"


def _resume(subscriber: Subscriber, sent) -> str:
    choosing.resume(subscriber, page=PAGE)
    return "resumed"


def _choose_language(subscriber: Subscriber, sent) -> str:
    if sent.get("language") not in emails.LANGUAGES:
        return "nothing"
    choosing.choose_language(subscriber, sent["language"], page=PAGE)
    return "language"


def _nothing(subscriber: Subscriber, sent) -> str:
    return "nothing"


_ACTS: dict[str | None, Callable] = {
    "cadence": _choose_cadence,
    "leave": _leave,
    "leave-everything": _leave_everything,
    "pause": _pause,
    "resume": _resume,
    "language": _choose_language,
}


@behind_a_link
@require_safe
def my_data(request: HttpRequest, token: str) -> HttpResponse:
    everything = everything_about(_subscriber(token))
    response = JsonResponse(everything, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@behind_a_link
@public_post
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = _subscriber(token)
    if request.method == "POST":
        erasing.erase(subscriber)
        return render(request, "newsletter/erased.html")
    back = reverse("newsletter:preferences", args=[token])
    return render(request, "newsletter/erase.html", {"subscriber": subscriber, "back": back})


@public_post
@require_http_methods(["GET", "HEAD", "POST"])
def your_link(request: HttpRequest) -> HttpResponse:
    """Mail it to who has lost it. Who asks is told the same, whether we know the address or not."""
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _private(request, "newsletter/your_link.html", form=form, minutes=0)
    wait = seconds_to_wait(request, "your-link", settings.SIGN_UPS_PER_HOUR)
    if wait:
        response = _private(request, "newsletter/your_link.html", form=form, minutes=-(-wait // 60))
        response.status_code, response.headers["Retry-After"] = 429, str(wait)
        return response
    if not form.said("website"):
        mail_requests.keep(form.cleaned_data["address"])
    return redirect("newsletter:your_link_sent")


@require_safe
def your_link_sent(request: HttpRequest) -> HttpResponse:
    return _private(request, "newsletter/your_link_sent.html")


def _private(request: HttpRequest, template: str, **shown) -> HttpResponse:
    response = render(request, template, shown)
    response.headers["Cache-Control"], response.headers["X-Robots-Tag"] = "no-store", "noindex"
    return response


roads = [
    path("your-link/", your_link, name="your_link"),
    path("your-link/sent/", your_link_sent, name="your_link_sent"),
    path("preferences/<str:token>/my-data/", my_data, name="my_data"),
    path("preferences/<str:token>/erase/", erase, name="erase"),
    path("preferences/", preferences, {"token": ""}),
    path("preferences/<path:token>/", preferences, name="preferences"),
]
