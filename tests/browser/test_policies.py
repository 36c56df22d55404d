"""The site in a browser that tells of every breach of its policy, and of everybody it calls."""

import re
from urllib.parse import urlsplit

import pytest

from articles import publishing
from tests import make, roads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTEN = """
addEventListener("securitypolicyviolation", (event) => tell(`${event.effectiveDirective} ${event.blockedURI}`));
"""


class Told:
    """A window that can be sent to a page, and what went on there."""

    def __init__(self, context):
        self.breaches, self.hosts = [], set()
        context.expose_binding("tell", lambda source, what: self.breaches.append(f"{source['frame'].url}: {what}"))
        context.add_init_script(LISTEN)
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        context.on("console", self.listen)
        self.page = context.new_page()

    def listen(self, message):
        if "Content Security Policy" in message.text:
            self.breaches.append(f"{message.page.url}: {message.text}")

    def open(self, address):
        self.page.goto(address)

    def links(self) -> list[str]:
        """The pages of the site that the one in the window leads on to, by reading alone."""
        found = self.page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href.split('#')[0])")
        here = urlsplit(self.page.url).netloc
        return [urlsplit(link).path for link in found if urlsplit(link).netloc == here and "?" not in link]


@pytest.fixture
def window(browser, live_server):
    context = browser.new_context(base_url=live_server.url)
    yield Told(context)
    context.close()


@pytest.fixture
def story():
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal", photo=make.photo())
    box = publishing.Box(wrong="April", right="May", first_wrong=1, last_wrong=1)
    publishing.publish(story, kind=publishing.Kind.CORRECTION, by=make.editor(), base=1, note="A date.", box=box)
    make.edition(story, headline="Italy signs a drone deal")
    publishing.withdraw(
        make.published("Staged", slug="staged"), by=make.user("chief"), base=1, note="It was staged."
    )
    return story


@pytest.fixture
def chief(client_for):
    return client_for(make.user("chief", is_superuser=True))


def test_no_public_page_breaks_its_policy_calls_anybody_else_or_keeps_a_cookie(
    window, live_server, story, record_property
):
    waiting = ["/", "/staged/staged/", "/nothing/"]
    # A rendition opened by itself is shown in a page of the browser's own, whose styles our policy stops.
    # Where no stream can be had there is no page at all.
    pages = [road for road in roads.public_roads() if not re.search("media|/live/", road.template)]
    waiting += [address for road in pages for address in roads.addresses(road, story)]
    seen = set()
    while waiting:
        address = waiting.pop()
        if address not in seen:
            window.open(address)
            waiting += window.links()
            seen.add(address)

    record_property("public pages opened under their policy", len(seen))
    assert window.breaches == []
    assert window.hosts == {urlsplit(live_server.url).netloc}
    assert window.page.context.cookies() == []


def test_no_page_of_the_desk_breaks_its_policy_or_calls_anybody_else(
    window, live_server, story, chief, record_property
):
    session = {"name": "sessionid", "value": chief.cookies["sessionid"].value, "url": live_server.url}
    window.page.context.add_cookies([session])
    desk = [road for road in roads.every_road() if road.is_at_the_desk and "logout" not in road.template]
    addresses = [roads.addresses(road, story)[0] for road in desk]
    # What takes only a form, or is a picture, is no page.
    answers = {address: chief.get(address) for address in addresses}
    pages = [
        address
        for address, answer in answers.items()
        if answer.status_code != 405 and answer.get("Content-Type", "").startswith("text/html")
    ]

    for address in pages:
        window.open(address)

    record_property("pages of the desk opened under their policy", len(pages))
    assert window.breaches == []
    assert window.hosts == {urlsplit(live_server.url).netloc}
