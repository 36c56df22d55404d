"""The button behind the link of the first mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from articles.public_post import public_post

from .. import emails, offers, signing_up
from ..kept_network import kept_network
from ..models import Subscription
from .behind_links import behind_a_link

# As a consent names the page; its whole address has the token in it.
PAGE = "/newsletters/confirm/"


@behind_a_link
@public_post
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    subscription = signing_up.to_be_confirmed(token)
    if request.method == "POST":
        cadence = request.POST.get("cadence", "")
        signing_up.confirm(subscription, page=PAGE, network=kept_network(request), cadence=cadence)
        return _you_are_in(request, subscription)
    if subscription.is_active:
        return _you_are_in(request, subscription, is_known=True)
    return render(request, "newsletter/confirm.html", _about(subscription))


def _you_are_in(request: HttpRequest, subscription: Subscription, *, is_known: bool = False) -> HttpResponse:
    preferences = emails.preferences_link(subscription.subscriber)
    shown = {**_about(subscription), "preferences": preferences, "is_known": is_known}
    return render(request, "newsletter/you_are_in.html", shown)


def _about(subscription: Subscription) -> dict:
    letter, article = subscription.newsletter, subscription.article
    return {
        "letter": offers.offer_of(letter) if letter else offers.following(article.slug),
        "story": article and signing_up.public_edition(article),
        "cadences": signing_up.cadences_of(letter),
        "chosen": signing_up.chosen(subscription.cadence, letter),
    }


roads = [
    path("confirm/", confirm, {"token": ""}),
    path("confirm/<path:token>/", confirm, name="confirm"),
]
