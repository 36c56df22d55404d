"""The desk's page that orders the public front page; its buttons work with or without the script."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from .. import front_order, local_time
from ..front_order import OrderMoved, Pin
from ..models import Revision

OTHERS_SHOWN = 20
MOVED = (
    "Somebody else changed the order while you were looking, so yours is not saved yet. Theirs stands below it: "
    "save again to put yours in its place, or take theirs."
)
GONE = "A story of your order was withdrawn meanwhile and is left out below. Look at the order, then save it again."


@dataclass
class Row:
    """A story with what is typed beside it; `place` is empty for one that is not pinned."""

    story: Revision
    place: str = ""
    until: str = ""
    error: str = ""

    @property
    def key(self) -> int:
        return self.story.article_id

    @property
    def is_pinned(self) -> bool:
        return bool(self.place)

    def pin(self) -> Pin | None:
        """None if what is typed is wrong; then `error` says why."""
        try:
            return Pin(self.key, _until(self.until))
        except ValueError as error:
            self.error = str(error)
            return None


@require_http_methods(["GET", "HEAD", "POST"])
def front_page_order(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perms(front_order.PERMISSIONS):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, _pinned_now(), seen=front_order.seen())
    rows, is_whole = _typed(request)
    seen, asked = request.POST.get("seen", ""), request.POST.get("do", "save")
    if asked != "save":
        return _page(request, _moved(rows, asked), seen=seen, words=request.POST.get("words", ""))
    pins = [row.pin() for row in rows if row.is_pinned]
    if not is_whole or None in pins:
        return _page(request, rows, seen=seen, complaint="" if is_whole else GONE)
    try:
        front_order.pin(pins, by=request.user, seen_as=seen)
    except OrderMoved:
        theirs = _pinned_now()
        return _page(request, rows, seen=front_order.seen(), complaint=MOVED, theirs=theirs, status=409)
    messages.success(request, "Readers see the front page in this order.")
    return HttpResponseRedirect(reverse("admin:front_page_order"))


def _until(typed: str) -> datetime | None:
    """When a pin ends. Raises `ValueError` with a sentence."""
    if not typed:
        return None
    zone, now = timezone.get_default_timezone(), timezone.now()
    try:
        local = datetime.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        raise ValueError("Write the end as a date and a time, or leave it empty.") from None
    if local.year > now.year + 1:
        raise ValueError("That is years away; leave the end empty to pin the story until you take it down.")
    if local.year < now.year or (until := local_time.moment(local, zone)) <= now:
        raise ValueError("This end has passed; choose a later one, or leave it empty.")
    return until


def _pinned_now() -> list[Row]:
    zone = timezone.get_default_timezone()
    return [
        Row(story, str(place), local_time.typed(until, zone) if (until := story.pinned_until) else "")
        for place, story in enumerate(_stories().pinned(), start=1)
    ]


def _stories():
    return Revision.objects.public().for_lists().annotate(pinned_until=F("desk__pinned_until"))


def _typed(request: HttpRequest) -> tuple[list[Row], bool]:
    """The rows of the form, pinned ones first by their numbers, and whether all of them are still there."""
    keys = [int(key[1]) for name in request.POST if (key := re.fullmatch(r"place-([0-9]{1,9})", name))]
    found = {story.article_id: story for story in _stories().filter(article__in=keys)}
    rows = [
        Row(found[key], request.POST[f"place-{key}"].strip(), request.POST.get(f"until-{key}", "").strip())
        for key in keys
        if key in found
    ]
    is_whole = all(key in found or not request.POST[f"place-{key}"].strip() for key in keys)
    pinned = sorted((row for row in rows if row.is_pinned), key=lambda row: _number(row.place))
    return [*pinned, *(row for row in rows if not row.is_pinned)], is_whole


def _number(place: str) -> int:
    """Who writes no number gets the last place."""
    return int(place) if re.fullmatch("[0-9]{1,9}", place) else 10**9


def _moved(rows: list[Row], asked: str) -> list[Row]:
    """The rows after one of the buttons was pressed; nothing is saved."""
    what, _, key = asked.partition("-")
    pinned, others = [row for row in rows if row.is_pinned], [row for row in rows if not row.is_pinned]
    row = next((row for row in rows if str(row.key) == key), None)
    if row is None:
        return rows
    at = pinned.index(row) if row.is_pinned else len(pinned)
    if row.is_pinned:
        pinned.remove(row)
    else:
        others.remove(row)
    if what == "unpin":
        row.place = ""
        others.insert(0, row)
    else:
        row.place = "pinned"
        pinned.insert(max(0, at + {"up": -1, "down": 1}.get(what, 0)), row)
    return [*pinned, *others]


def _page(
    request: HttpRequest,
    rows: list[Row],
    *,
    seen: str,
    complaint: str = "",
    theirs: list[Row] = (),
    words: str = "",
    status: int = 200,
) -> HttpResponse:
    pinned = [row for row in rows if row.is_pinned]
    for place, row in enumerate(pinned, start=1):
        row.place = str(place)
    others = _stories().exclude(article__in=[row.key for row in rows]).developing_first()
    if words:
        others = others.filter(headline__icontains=words.replace("\x00", ""))
    unpinned = [row for row in rows if not row.is_pinned and not words]
    unpinned += [Row(story) for story in others[: max(0, OTHERS_SHOWN - len(unpinned))]]
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": "Front page order",
        "zone": timezone.get_default_timezone_name(),
        "pinned": pinned,
        "others": unpinned,
        "complaint": complaint,
        "theirs": theirs,
        "seen": seen,
        "words": words,
        "is_wrong": any(row.error for row in rows),
    }
    return render(request, "admin/front_page_order.html", context, status=status)
