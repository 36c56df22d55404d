"""A date and a time as staff type them: by the clocks of a newsletter's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from articles import local_time

WHEN = "Write a date and a time."


def field(**kwargs) -> forms.CharField:
    """The browser's own, in one piece."""
    widget = forms.TextInput(attrs={"type": "datetime-local", "class": "vZonedTimeField"})
    return forms.CharField(max_length=40, widget=widget, **kwargs)


def moment(typed: str, zone: str) -> datetime:
    """That is still to come. Raises `ValueError` with a sentence."""
    now = timezone.now()
    try:
        local = datetime.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        raise ValueError(WHEN) from None
    if local.year > now.year + 1:
        raise ValueError("That is years away; choose an earlier time.")
    if local.year < now.year or (at := local_time.moment(local, ZoneInfo(zone))) <= now:
        raise ValueError("This time has passed; choose a later one.")
    return at


def typed(at: datetime | None, zone: str) -> str:
    return local_time.typed(at, ZoneInfo(zone)) if at else ""


def shown(at: datetime, zone: str) -> str:
    """With the name of the zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({zone})"
