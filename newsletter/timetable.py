"""PURE. When digests go out: the last time that a clock in some zone showed a time of day, of each day or one."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def last_slot(now: datetime, zone: str, at: time, weekday: int | None = None) -> datetime:
    """
    The newest moment, in UTC, not after `now`, at which clocks in `zone` (IANA) showed `at`; on `weekday`, 0 for
    Monday, or any day.

    A time that a clock skips in spring is when it has gone on; one that it shows twice in autumn is the first.

    >>> last_slot(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Kyiv", time(3, 30))
    datetime.datetime(2026, 3, 29, 1, 30, tzinfo=datetime.timezone.utc)
    >>> last_slot(datetime(2026, 11, 24, 4, tzinfo=UTC), "Europe/Kyiv", time(7), 0)
    datetime.datetime(2026, 11, 23, 5, 0, tzinfo=datetime.timezone.utc)
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    for back in range(9):
        day = today - timedelta(days=back)
        if weekday in (None, day.weekday()):
            slot = datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
            if slot <= now:
                return slot
    raise AssertionError("Every nine days have one of each weekday before now.")
