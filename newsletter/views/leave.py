"""Leaving: by one click in the mail program, or by the button behind the link."""

import re

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from .. import leaving, tokens
from ..about import about_all
from ..models import Consent, Subscription
from .behind_links import behind_a_link

# As a consent names the page; its whole address has the token in it.
PAGE = "/newsletters/leave/"


class WhyForm(forms.Form):
    """Why somebody leaves, if they care to tell."""

    WHY = [
        ("often", "It came too often"),
        ("other", "It was not what I expected"),
        ("done", "I am no longer interested in it"),
        ("never", "I did not sign up for it"),
    ]
    why = forms.ChoiceField(choices=WHY, required=False)
    words = forms.CharField(required=False)

    @property
    def reason(self) -> str:
        """As much of it as can be kept; it never keeps anybody from leaving."""
        self.full_clean()
        why, words = (self.cleaned_data.get(name, "") for name in ("why", "words"))
        return ": ".join(filter(None, [dict(self.WHY).get(why), words[:1_000]]))


# Nothing that a browser adds by itself lets anybody leave, only the token does: so it is taken from everywhere.
@csrf_exempt
@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    name = tokens.subject_of(tokens.Purpose.LEAVE, token)
    found = list(Subscription.objects.named(name).select_related("newsletter"))
    from_mail = {"issue": _issue(request), "page": PAGE}
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        return _leave_by_one_click(found, from_mail)
    if not found:
        # They were erased, or left so long ago that we have forgotten it.
        return render(request, "newsletter/you_get_nothing.html")
    # No way from here to one's preferences: this link works for ever, and in whoever's hands it is.
    shown = {"about": about_all(found), "is_many": len(found) > 1, "why": WhyForm.WHY, "left_at": None}
    if request.method == "POST":
        reason = WhyForm(request.POST).reason
        leaving.leave_by_link(found, method=Consent.Method.LINK, reason=reason, **from_mail)
    elif any(subscription.is_active or subscription.is_pending for subscription in found):
        return render(request, "newsletter/leave.html", shown)
    return render(request, "newsletter/you_left.html", shown)


def _issue(request: HttpRequest) -> int | None:
    """The one that the link stood in, if it says so."""
    said = request.GET.get("issue", "")
    return int(said) if re.fullmatch("[0-9]{1,18}", said) else None


def _leave_by_one_click(found: list[Subscription], from_mail: dict) -> HttpResponse:
    """RFC 8058. Who was erased since has left as well."""
    if found:
        leaving.leave_by_link(found, method=Consent.Method.ONE_CLICK, **from_mail)
    return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")


roads = [
    path("leave/", leave, {"token": ""}),
    path("leave/<path:token>/", leave, name="leave"),
]
