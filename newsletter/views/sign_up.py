"""Asking for a letter, or to follow a story."""

import re
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from articles.kinds import Kind
from articles.models import Revision
from articles.newest import newest_public
from articles.pages import page
from articles.public_post import public_post, seconds_to_wait, uncached
from articles.views.finding import gone

from .. import addresses, form_tokens, mail_requests, offers, signing_up
from ..kept_network import kept_network
from ..models import Cadence, Issue, Newsletter

FORM = "newsletter/sign_up.html"


class SignUpForm(forms.Form):
    """What a reader sends. `website` is for machines that fill in whatever they find."""

    address = forms.CharField(
        strip=False, error_messages={"required": "Please write your e-mail address: the field was empty."}
    )

    def clean_address(self):
        try:
            return addresses.normalised(self.cleaned_data["address"])
        except addresses.NotAnAddress as error:
            raise ValidationError(str(error)) from error

    def said(self, name: str) -> str:
        """What was sent with the address, as it came."""
        return self.data.get(name, "")

    @property
    def page(self) -> str:
        """The path of the page where it was begun, if it is one."""
        return self.said("page") if re.fullmatch(r"/(?!/)[a-z0-9/-]{0,298}", self.said("page")) else ""

    @property
    def cadence(self) -> str:
        """Empty if none was chosen."""
        return self.said("cadence") if self.said("cadence") in Cadence.values else ""

    @property
    def wording(self) -> int | None:
        return int(self.said("wording")) if re.fullmatch("[0-9]{1,9}", self.said("wording")) else None


@dataclass(frozen=True)
class Wanted:
    """A letter, or mails about a story: what is offered, and what it is."""

    offer: offers.Offer
    newsletter: Newsletter | None = None
    story: Revision | None = None

    @property
    def subject(self) -> dict:
        return {"newsletter": self.newsletter, "article": self.story and self.story.article}

    @property
    def has_archive(self) -> bool:
        return self.newsletter is not None and self.newsletter.issues.archived().exists()

    @property
    def language(self) -> str:
        return self.story.content.story.language if self.story else settings.LANGUAGE_CODE


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    # Which letters there are is part of the frame.
    sent = Issue.objects.archived().order_by("newsletter__slug").values_list("newsletter__slug", flat=True)
    archives = list(sent.distinct())
    return page(
        request,
        f"{archives}",
        lambda: render_to_string("newsletter/letters.html", {"offers": offers.every_offer(), "archives": archives}),
    )


@public_post
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, slug: str) -> HttpResponse:
    newsletter = get_object_or_404(Newsletter.objects.open(), slug=slug)
    return _sign_up(request, Wanted(offers.offer_of(newsletter), newsletter=newsletter))


@public_post
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    story = newest_public(slug) or get_object_or_404(Revision.objects.newest().with_address().now_or_once_at(slug))
    if story.is_withheld or story.kind == Kind.WITHDRAWN:
        return gone(request, story, story)
    response = _sign_up(request, Wanted(offers.following(story.article.slug), story=story))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _sign_up(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    if request.method == "POST":
        return _take(request, wanted, SignUpForm(request.POST))
    shown = _asking(wanted, SignUpForm(), request.path)
    edition = wanted.story and wanted.story.chain_hash
    return page(request, f"{edition} {wanted.offer} {shown['has_archive']}", lambda: render_to_string(FORM, shown))


def _take(request: HttpRequest, wanted: Wanted, form: SignUpForm) -> HttpResponse:
    """What is typed stays in the form until it is taken; the same is answered whoever's address it is."""
    asking = _asking(wanted, form, form.page or request.path)
    if not form.is_valid():
        return HttpResponse(render_to_string(FORM, {**asking, "token": form_tokens.issue()}))
    try:
        form_tokens.spend(form.said("token"))
    except form_tokens.NotTaken as refusal:
        return HttpResponse(render_to_string(FORM, {**asking, "token": refusal.token, "why": str(refusal)}))
    wait = _seconds_to_wait(request, wanted)
    if wait:
        asking |= {"token": form_tokens.issue(), "minutes": -(-wait // 60)}
        return HttpResponse(render_to_string(FORM, asking), status=429, headers={"Retry-After": str(wait)})
    if not form.said("website"):
        _ask(request, wanted, form)
    return HttpResponseRedirect(reverse("newsletter:check_your_mail"), status=303)


def _ask(request: HttpRequest, wanted: Wanted, form: SignUpForm) -> None:
    """For the worker: what we know of the address, nobody is to see by how long the page takes."""
    mail_requests.keep(
        form.cleaned_data["address"],
        **wanted.subject,
        cadence=form.cadence,
        language=wanted.language,
        page=form.page or request.path,
        wording=form.wording,
        network=kept_network(request),
    )


def _seconds_to_wait(request: HttpRequest, wanted: Wanted) -> int:
    """0, or for how long nothing more is taken from this network, or for this letter."""
    until = signing_up.full_until(**wanted.subject)
    of_letter = int((until - timezone.now()).total_seconds()) + 1 if until else 0
    return max(seconds_to_wait(request, "sign-up", settings.SIGN_UPS_PER_HOUR), of_letter)


def _asking(wanted: Wanted, form: SignUpForm, here: str) -> dict:
    return {
        "offer": wanted.offer,
        "story": wanted.story,
        "language": wanted.language,
        "has_archive": wanted.has_archive,
        "cadences": signing_up.cadences_of(wanted.newsletter),
        "chosen": signing_up.chosen(form.said("cadence"), wanted.newsletter),
        "form": form,
        "here": here,
        "token": "",
        "why": "",
        "minutes": 0,
    }


@require_safe
def form_token(request: HttpRequest) -> HttpResponse:
    """For the form on a page that is the same for everybody: a token of its own, fetched when it is begun."""
    return uncached(HttpResponse(form_tokens.issue(), content_type="text/plain; charset=utf-8"))


@require_safe
def check_your_mail(request: HttpRequest) -> HttpResponse:
    response = page(request, "", lambda: render_to_string("newsletter/check_your_mail.html"))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


roads = [
    path("", letters, name="letters"),
    path("form-token/", form_token, name="form_token"),
    path("check-your-mail/", check_your_mail, name="check_your_mail"),
    path("follow/<slug:slug>/", follow, name="follow"),
    path("<slug:slug>/", letter, name="letter"),
]
