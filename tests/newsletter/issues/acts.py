"""What the tests of letters at the desk do with a page and a letter."""

import re
from html import unescape

from newsletter import digest, sending
from newsletter.models import Issue, OutboxMail
from tests import make

from ..test_desk_issues import road


def readers(letter, count) -> list:
    return [make.subscription(newsletter=letter).subscriber for _ in range(count)]


def seen(page) -> str:
    return unescape(re.search(r'name="seen" value="([^"]+)"', page.text)[1])


def press_send(desk, issue, *, follow=False, **typed):
    typed = {"seen": seen(desk.get(road(issue, "send"))), "do": "send", **typed}
    return desk.post(road(issue, "send"), typed, follow=follow)


def press(desk, issue, what):
    return desk.post(road(issue, "state"), {"do": what}, follow=True)


def work(issue):
    """What a worker does in one sweep."""
    sending.send_due()
    issue.refresh_from_db()


def to_readers() -> list[str]:
    return sorted(OutboxMail.objects.values_list("to", flat=True))


def lines(desk, issue) -> dict[str, int]:
    """The sum on the page of an issue."""
    table = re.search('<table class="letters-table issue-sum">.*?</table>', desk.get(road(issue)).text, re.DOTALL)[
        0
    ]
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(\d+)</td>', table, re.DOTALL)
    return {" ".join(label.split()): int(count) for label, count in rows}


def started(letter, count=3) -> Issue:
    readers(letter, count)
    issue = make.issue(letter)
    digest.start(issue)
    issue.refresh_from_db()
    return issue
