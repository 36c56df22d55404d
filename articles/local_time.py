"""Times as an editor types them: in the newsroom's own zone, where an hour may be missing or come twice."""

from datetime import datetime, timedelta, tzinfo


class NoSuchTime(ValueError):
    """The clocks are changed just then; the message tells the editor what to type instead."""


def moment(typed: datetime, zone: tzinfo) -> datetime:
    """
    The moment that a naive local time names. Raises `NoSuchTime` if it names none, or two.

    >>> from zoneinfo import ZoneInfo
    >>> moment(datetime(2027, 3, 28, 2, 30), ZoneInfo("Europe/Berlin"))
    Traceback (most recent call last):
    articles.local_time.NoSuchTime: There is no 02:30 on 28 March 2027: the clocks go forward. Type 01:30 or 03:30.
    """
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    change = second.utcoffset() - first.utcoffset()
    if not change:
        return first
    day, hour = f"{typed.day} {typed:%B %Y}", f"{typed:%H:%M}"
    before, after = (f"{typed + step:%H:%M}" for step in (-abs(change), abs(change)))
    if change > timedelta():
        raise NoSuchTime(f"There is no {hour} on {day}: the clocks go forward. Type {before} or {after}.")
    raise NoSuchTime(f"{hour} comes twice on {day}: the clocks go back. Type {before} or {after}.")


def typed(moment: datetime, zone: tzinfo) -> str:
    """
    A moment as a field of the browser's has it, to the minute.

    >>> from datetime import UTC
    >>> typed(datetime(2026, 7, 1, 20, 42, tzinfo=UTC), UTC)
    '2026-07-01T20:42'
    """
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
