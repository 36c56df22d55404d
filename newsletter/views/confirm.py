"""The button behind the link of the first mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from articles.public_post import public_post

from .. import offers, signing_up
from ..about import about
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
    if subscription.has_left:
        shown = {"about": about(subscription), "is_many": False, "left_at": subscription.left_at}
        return render(request, "newsletter/you_left.html", shown)
    if request.method == "POST":
        cadence = request.POST.get("cadence", "")
        signing_up.confirm(subscription, page=PAGE, network=kept_network(request), cadence=cadence)
        return _you_are_in(request, subscription)
    if subscription.is_active:
        return _you_are_in(request, subscription, is_known=True)
    return render(request, "newsletter/confirm.html", _about(subscription))


def _you_are_in(request: HttpRequest, subscription: Subscription, *, is_known: bool = False) -> HttpResponse:
    """No way from here to all that a person gets: who was forwarded the mail would have it."""
    return render(request, "newsletter/you_are_in.html", {**_about(subscription), "is_known": is_known})


def _about(subscription: Subscription) -> dict:
    newsletter, article = subscription.newsletter, subscription.article
    return {
        "offer": offers.offer_of(newsletter) if newsletter else offers.following(article.slug),
        "story": article and signing_up.public_edition(article),
        "cadences": signing_up.cadences_of(newsletter),
        "chosen": signing_up.chosen(subscription.cadence, newsletter),
    }


roads = [
    path("confirm/", confirm, {"token": ""}),
    path("confirm/<path:token>/", confirm, name="confirm"),
]
