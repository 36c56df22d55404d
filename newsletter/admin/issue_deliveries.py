"""The deliveries of an issue that failed or are in doubt, and what somebody decides about them."""

import re

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from articles.views.finding import number_in

from .. import resending
from ..models import Delivery, Issue
from . import issue_pages

SHOWN = 100
HIGHEST = 10**18
State = Delivery.State
STATES = {State.IN_DOUBT.value: "In doubt", State.FAILED.value: "Failed"}
NONE_CHOSEN = "Tick those that you decide about first."
LEFT = (
    "Left as they were: {}. Somebody has decided about them meanwhile, their readers have been told since, whoever "
    "was sending them may still say what became of them, or the letter was cancelled or is late."
)


def page(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    if not request.user.has_perm("newsletter.view_subscriber"):
        raise PermissionDenied
    if request.method == "POST":
        return _decide(desk, request, issue)
    state = request.GET.get("state", State.IN_DOUBT.value)
    if state not in STATES:
        raise Http404("There is no such list.")
    rows = _rows(issue, state, after=number_in(request.GET.get("after", "0"), 0, HIGHEST))
    return issue_pages.page(
        desk,
        request,
        issue,
        "deliveries",
        "Mails of a letter that did not arrive for sure",
        state=state,
        states=STATES.items(),
        rows=rows[:SHOWN],
        after=rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        is_over=issue.state == Issue.State.CANCELLED,
    )


def _rows(issue: Issue, state: str, *, after: int) -> list[Delivery]:
    """One more than are shown, in the order they were tried."""
    found: QuerySet[Delivery] = issue.deliveries.filter(state=state, pk__gt=after).select_related("subscriber")
    return [*found.order_by("pk")[: SHOWN + 1]]


def _decide(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    verbs = {"resend": (resending.resend, "Sent again"), "sent": (resending.mark_as_sent, "Marked as sent")}
    verb, said = verbs.get(request.POST.get("do"), (None, ""))
    if verb is None or not desk.has_send_permission(request):
        raise PermissionDenied
    chosen = [int(key) for key in request.POST.getlist("delivery")[:SHOWN] if re.fullmatch("[0-9]{1,18}", key)]
    if not chosen:
        messages.warning(request, NONE_CHOSEN)
        return issue_pages.to("deliveries", issue)
    done = verb(issue, chosen)
    if done:
        desk.log_change(request, issue, f"{said}: {done}.")
        messages.success(request, f"{said}: {done}.")
    if done < len(chosen):
        messages.warning(request, LEFT.format(len(chosen) - done))
    return issue_pages.to("deliveries", issue)
