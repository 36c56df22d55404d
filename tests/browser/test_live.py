"""A page that is left open while its story moves on, in a real browser with a real live process behind it."""

import re
import socketserver
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from articles import publishing, withholding
from articles.kinds import Kind
from articles.models import Section
from tests import make
from tests.processes import free_port, live, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY = "/ukraine/drone-deal/"
SECOND = 1_000
ONE, TWO = "1 change since you opened this", "2 changes since you opened this"
SHOW = "Show what changed"


@pytest.fixture
def story():
    sections = [("What happened", "<p>They met in Rome.</p>" * 60)]
    return make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal", sections=sections)


@pytest.fixture
def server(database):
    with live(database) as address:
        yield address


@contextmanager
def reading(browser, address, story):
    """The story open in a window of its own, which hears of what is published from now on."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with page.expect_request(f"**/live/{story.pk}/**"):
        page.goto(STORY)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def page(browser, server, story):
    with reading(browser, server, story) as page:
        yield page


def told(page):
    return page.get_by_role("status").filter(has_text="since you opened this")


def test_an_open_page_says_within_a_second_that_there_is_more_to_read(page, story):
    make.edition(story, headline="Italy signs a deal", note="They signed in Rome.")

    expect(page.get_by_text(ONE)).to_be_visible(timeout=SECOND)
    assert page.get_by_role("heading", level=1).inner_text() == "Italy weighs a deal"
    assert page.evaluate("document.activeElement === document.body")

    make.edition(story, lead="It is signed.", kind=Kind.TIGHTENED)
    expect(page.get_by_text(TWO)).to_be_visible(timeout=SECOND)
    assert page.get_by_text("since you opened this").count() == 2  # With the title of what is not shown yet.


def test_it_shows_what_changed_when_asked_and_leads_there(page, axe, story):
    make.edition(story, headline="Italy signs a deal", note="They signed in Rome.")
    page.get_by_role("button", name=SHOW).click()

    box = page.get_by_role("region", name="What changed since you opened this")
    expect(box).to_be_focused()
    expect(box).to_contain_text("They signed in Rome.")
    assert box.locator("ins").first.text_content().endswith("signs")
    assert page.get_by_role("heading", level=1).inner_text() == "Italy signs a deal"
    assert page.title().startswith("Italy signs a deal")
    expect(page.get_by_role("button", name=SHOW)).to_be_hidden()
    assert axe() == []
    assert page.aria_snapshot().count('heading "Italy signs a deal"') == 1

    make.edition(story, lead="It is signed.", note="It came into force.")
    expect(page.get_by_text(ONE)).to_be_visible()
    page.get_by_role("button", name=SHOW).click()
    expect(box).to_contain_text("It came into force.")
    expect(box).not_to_contain_text("They signed in Rome.")
    page.get_by_role("button", name="Close").click()
    expect(box).to_be_hidden()


@pytest.fixture
def desk(browser, live_server, story):
    """The story's page at the desk, in a window of an editor's own."""
    make.user("editor", username="olena")
    context = browser.new_context(base_url=live_server.url)
    desk = context.new_page()
    desk.goto(f"/desk/articles/article/{story.pk}/change/")
    desk.fill("[name=username]", "olena")
    desk.fill("[name=password]", "olena")
    desk.click("[type=submit]")
    yield desk
    context.close()


def test_the_desk_publishes_in_one_window_and_a_reader_sees_it_in_another(page, desk):
    desk.fill("[name=headline]", "Italy signs a deal")
    desk.fill("[name=note]", "They signed in Rome.")
    desk.wait_for_selector("[data-kept]:has-text('Kept at')")
    desk.click("[name=_publish]")

    desk.locator(".messagelist .success").wait_for()
    expect(page.get_by_text(ONE)).to_be_visible(timeout=SECOND)


def test_a_typo_is_mended_without_a_word_and_nothing_moves(page, story):
    page.get_by_text("They met in Rome.").nth(40).scroll_into_view_if_needed()
    line = page.get_by_text("They met in Rome.").nth(40)
    before = line.bounding_box()["y"]

    make.edition(story, kind=Kind.TYPO, headline="Italy weighs a deal, of which nobody says how large it is to be")

    expect(page.get_by_role("heading", level=1)).to_contain_text("how large")
    assert abs(line.bounding_box()["y"] - before) < 2
    assert not told(page).is_visible()
    assert page.get_by_role("heading", level=1).count() == 1


def test_nothing_is_taken_from_under_what_a_reader_has_selected(page, story):
    page.get_by_text("They met in Rome.").first.select_text()
    make.edition(story, kind=Kind.TYPO, headline="Italy weighs a deal.")
    page.wait_for_timeout(4 * SECOND)
    assert page.get_by_role("heading", level=1).inner_text() == "Italy weighs a deal"

    page.evaluate("getSelection().removeAllRanges()")

    expect(page.get_by_role("heading", level=1)).to_have_text("Italy weighs a deal.")


def test_what_a_reader_unfolded_stays_so(page, story):
    page.get_by_text("How this page is kept").click()
    page.evaluate("document.activeElement.blur()")

    make.edition(story, kind=Kind.TYPO, change=lambda: Section.objects.update(heading="What has happened"))

    expect(page.get_by_role("heading", name="What has happened")).to_be_visible()
    assert page.get_by_text("The page is made for readers who come back").is_visible()


@pytest.mark.parametrize("verb", ["withdraw", "withhold"])
def test_a_page_whose_story_is_gone_says_so_and_why(page, story, verb):
    if verb == "withdraw":
        publishing.withdraw(story, by=make.user("chief"), base=1, note="It did not happen.")
        said = page.locator("live-story").get_by_role("status")
        expect(said).to_have_text("This story has been withdrawn. It did not happen.")
    else:
        withholding.withhold(story, numbers=None, category="law", by=make.user("chief"))
        expect(page.get_by_role("status").filter(has_text="withheld")).to_contain_text(
            "legal reasons", ignore_case=True
        )
    assert not page.get_by_role("button", name=SHOW).is_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^This story (has been|is) with"))
    assert "drone" not in page.title() and "Italy" not in page.title()
    assert not [word for word in ("Italy", "They met in Rome") if word in page.locator("body").inner_text()]


def test_what_was_opened_to_see_what_changed_goes_with_its_story(page, story):
    make.edition(story, headline="Italy signs a deal", note="They signed in Rome.")
    page.get_by_role("button", name=SHOW).click()
    expect(page.get_by_role("region", name="What changed since you opened this")).to_be_focused()

    publishing.withdraw(story, by=make.user("chief"), base=2, note="It did not happen.")

    expect(page.get_by_role("heading", name="This story has been withdrawn")).to_be_visible()
    assert "signed in Rome" not in page.locator("body").inner_text()
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_correction_that_is_withheld_leaves_the_page_that_shows_it(browser, server, story):
    chief = make.user("chief")
    box = publishing.Box("We said that Ada Kell signed.", "Nobody has signed.", 1, 1)
    publishing.publish(
        story, kind=Kind.CORRECTION, by=chief, base=1, note="It was not Ada Kell.", box=box, reason="A test."
    )
    with reading(browser, server, story) as page:
        make.edition(story, headline="Italy has weighed a deal", note="They have met.")
        page.get_by_role("button", name=SHOW).click()
        expect(page.get_by_role("heading", name="Corrections")).to_be_visible()
        expect(page.get_by_text("They have met.")).to_be_visible()

        withholding.withhold(story, numbers=[2], category="law", by=chief)

        expect(page.get_by_role("heading", name="Corrections")).to_have_count(0)
        assert "Ada Kell" not in page.locator("body").inner_text()
        assert not page.get_by_text("They have met.").is_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text("Italy has weighed a deal")


def test_a_page_that_nobody_looked_at_catches_up_when_somebody_does(page, story):
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.clock.install()
    page.evaluate(hide, True)
    page.clock.run_for(60 * SECOND)
    make.edition(story, headline="Italy signs")
    assert not told(page).is_visible()

    page.evaluate(hide, False)

    expect(page.get_by_text(ONE)).to_be_visible()


def test_a_page_that_may_hold_no_stream_asks_and_is_told(browser, database, story):
    with live(database, LIVE_STREAMS_PER_ADDRESS="0") as address, reading(browser, address, story) as page:
        page.clock.install()
        with page.expect_response("**/newest.json"):
            page.reload()
        make.edition(story, headline="Italy signs")

        wait_for(lambda: page.clock.run_for(24 * SECOND) or page.get_by_text(ONE).is_visible())


def test_eight_windows_of_one_browser_are_all_told(browser, server, story):
    context = browser.new_context(base_url=server)
    pages = [context.new_page() for _ in range(8)]
    hide = "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    for page in pages:
        if page is not pages[0]:
            page.add_init_script(hide)
        page.goto(STORY)
    make.edition(story, headline="Italy signs")
    expect(pages[0].get_by_text(ONE)).to_be_visible()

    show = "delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))"
    for page in pages[1:5]:
        page.evaluate(show)
        expect(page.get_by_text(ONE)).to_be_visible()
    context.close()


class HoldsBack(BaseHTTPRequestHandler):
    """A proxy that passes an answer on when it has all of it, which of a stream it never has."""

    def do_GET(self):
        request = urllib.request.Request(self.server.behind + self.path, headers={"Accept": "*/*"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                body, status, headers = answer.read(), answer.status, answer.headers
        except urllib.error.HTTPError as error:
            body, status, headers = error.read(), error.code, error.headers
        except OSError:
            return
        self.send_response(status)
        self.send_header("Content-Type", headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def proxy_that_holds_back(address):
    socketserver.ThreadingMixIn.daemon_threads = True
    with ThreadingHTTPServer(("127.0.0.1", free_port()), HoldsBack) as proxy:
        proxy.behind = address
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_port}"
        proxy.shutdown()


def test_behind_a_proxy_that_holds_streams_back_the_news_come_all_the_same(browser, server, story):
    with proxy_that_holds_back(server) as address, reading(browser, address, story) as page:
        page.clock.install()
        page.reload()
        make.edition(story, headline="Italy signs")

        wait_for(lambda: page.clock.run_for(11 * SECOND) or page.get_by_text(ONE).is_visible())
