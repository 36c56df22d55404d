"""The letters of staff in a browser: stories ordered by keyboard and by drag, a sending paused and resumed."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from newsletter import digest, sending
from newsletter.lines import OtherLine
from newsletter.models import Issue, LastSent, OutboxMail
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ISSUES = "/desk/newsletter/issue/"
WIDTHS = [360, 1024, 1280]


@pytest.fixture(autouse=True)
def _at_once(settings):
    cache.clear()
    settings.MAIL_UNDO = timedelta()


@pytest.fixture
def letter():
    return make.newsletter("Get the harbour update", topic=make.topic("Harbour"), time_zone="Europe/Kyiv")


def log_in(page, where=ISSUES):
    make.user("letters staff", username="sofia")
    page.set_default_timeout(10_000)
    page.goto(where)
    page.fill("[name=username]", "sofia")
    page.fill("[name=password]", "sofia")
    page.click("[type=submit]")
    page.wait_for_url(f"**{where}")


def road(issue, name="change") -> str:
    return f"{ISSUES}{issue.pk}/{name}/"


def told(issue) -> list[str]:
    return [story.article.headline for story in issue.stories.all()]


def rows(page):
    return page.locator(".part:not(.empty-form)")


def choose_by_keyboard(page, row: int, typed: str):
    rows(page).nth(row).locator(".select2-selection").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".select2-search__field:focus")
    page.keyboard.type(typed)
    page.wait_for_selector(f".select2-results__option--highlighted >> text={typed}")
    page.keyboard.press("Enter")


def save(page):
    page.focus("[name=_save]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")


def test_stories_are_found_and_put_in_order_by_keyboard_alone(page, letter):
    for headline in ("Cranes stand still", "Ferries sail again", "Divers find an anchor"):
        make.published(headline)
    log_in(page, f"{ISSUES}add/")
    page.select_option("[name=newsletter]", label="Get the harbour update")

    choose_by_keyboard(page, 0, "Cranes")
    for row, typed in enumerate(("Ferries", "Divers"), start=1):
        page.get_by_role("button", name="Another story").focus()
        page.keyboard.press("Enter")
        choose_by_keyboard(page, row, typed)
    save(page)
    issue = Issue.objects.get()
    assert told(issue) == ["Cranes stand still", "Ferries sail again", "Divers find an anchor"]

    handle = rows(page).nth(2).locator(".part__handle")
    handle.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.locator("ordered-parts [role=status]").inner_text() == "Place 1 of 4"
    save(page)

    assert told(issue) == ["Divers find an anchor", "Cranes stand still", "Ferries sail again"]


def test_stories_are_dragged_to_their_place(page, letter):
    issue = make.issue(letter, stories=[make.published("First"), make.published("Second")])
    log_in(page, road(issue))

    rows(page).nth(1).locator(".part__handle").drag_to(rows(page).nth(0), target_position={"x": 300, "y": 4})
    save(page)

    assert told(issue) == ["Second", "First"]


def test_what_is_written_in_the_editor_is_tried_out_and_sent(page, letter):
    reader = make.subscription(newsletter=letter).subscriber
    log_in(page, f"{ISSUES}add/")
    page.select_option("[name=newsletter]", label="Get the harbour update")
    page.fill("[name=subject]", "The week in the harbour")
    editor = page.frame_locator("iframe.cke_wysiwyg_frame").locator("body")
    editor.click()
    page.keyboard.type("Good morning.")
    page.click("[name=_preview]")
    page.wait_for_url("**/preview/")

    phone = page.frame_locator(".mail__frame--phone")
    assert phone.get_by_text("Good morning.").is_visible()
    page.click("text=Send me a test")
    page.wait_for_selector(".messagelist .success")
    page.click("text=Send it to readers")
    assert page.locator("h1").inner_text() == "Send “The week in the harbour” to 1 reader?"
    page.click("text=Send it to 1 reader now")
    page.wait_for_selector("#standing >> text=Starting")
    assert not page.get_by_text("Read it on the web").is_visible()
    sending.send_due()
    page.wait_for_selector("#standing >> text=/^Sent to the outbox$/")

    assert page.get_by_text("Read it on the web").is_visible()
    mails = OutboxMail.objects.order_by("pk").values_list("to", "subject")
    assert [*mails] == [
        ("sofia@newsroom.example", "Test: The week in the harbour"),
        (reader.address, "The week in the harbour"),
    ]


def sum_of(page) -> dict[str, str]:
    cells = page.locator(".issue-sum tr").all()
    return {row.locator("th").inner_text().strip(): row.locator("td").inner_text() for row in cells}


def test_a_sending_is_paused_and_resumed_in_its_middle(page, letter, monkeypatch):
    for _ in range(5):
        make.subscription(newsletter=letter)
    issue = make.issue(letter)
    digest.start(issue)
    log_in(page, road(issue))
    assert sum_of(page)["Waiting"] == "5"
    given, pressed = OtherLine.give, []

    def give(self, mail, following):
        """The second mail is on its way when the button is pressed."""
        given(self, mail, following)
        pressed.append(mail)
        if len(pressed) == 2:
            page.click("text=Pause")
            page.wait_for_selector("#standing >> text=Paused")

    monkeypatch.setattr(OtherLine, "give", give)
    sending.send_due()
    sending.send_due()

    page.wait_for_selector(".issue-sum tr:first-child td:text-is('2')")
    assert (sum_of(page)["Kept in the outbox"], sum_of(page)["Waiting"]) == ("2", "3")
    assert OutboxMail.objects.count() == 2
    page.click("text=Resume")
    page.wait_for_selector("#standing >> text=Being sent")
    sending.send_due()
    page.wait_for_selector("#standing >> text=/^Sent to the outbox$/")

    assert (sum_of(page)["Kept in the outbox"], sum_of(page)["Waiting"]) == ("5", "0")
    assert len({*OutboxMail.objects.values_list("to", flat=True)}) == OutboxMail.objects.count() == 5
    assert page.locator("#issue-said").inner_text() == "Sent to the outbox"
    assert "ended" in page.locator("[data-state]").inner_text()
    assert page.locator(".messagelist").count() == 0
    assert not page.get_by_text("Pause", exact=True).is_visible()


def test_what_becomes_of_a_letter_is_seen_without_scripts(browser, live_server, letter):
    make.subscription(newsletter=letter)
    issue = make.issue(letter)
    digest.start(issue)
    page = browser.new_context(java_script_enabled=False, base_url=live_server.url).new_page()
    log_in(page, road(issue))
    sending.send_due()

    page.click("text=Refresh")

    assert page.locator("#standing").inner_text() == "Sent to the outbox"
    assert sum_of(page)["Kept in the outbox"] == "1"
    page.context.close()


def in_every_state(letter) -> dict[str, Issue]:
    story = make.published("Cranes stand still after the vote", lead="Nothing moved.")
    for had in (1, None, None, None):
        reader = make.subscription(newsletter=letter).subscriber
        if had:
            LastSent.objects.create(subscriber=reader, article=story, number=had)
    make.edition(story, lead="One crane moved.", note="A crane moved.")
    soon = timezone.now() + timedelta(days=1)
    issues = {name: make.issue(letter, stories=[story]) for name in ("draft", "sending", "paused", "sent")}
    issues["scheduled"] = make.issue(letter, stories=[story], state="scheduled", send_at=soon, not_after=soon)
    for name in ("sending", "paused", "sent"):
        digest.start(issues[name])
    now = timezone.now()
    for at, delivery in enumerate(issues["sending"].deliveries.all()):
        fields = [
            {"state": "sent", "sent_at": now},
            {"state": "in doubt", "said": "The mail server gave no answer (TimeoutError).", "sent_at": now},
            {"state": "failed", "said": "The mail server refused it (554).", "sent_at": now, "tries": 7},
            {"state": "queued"},
        ][at]
        type(delivery).objects.filter(pk=delivery.pk).update(**fields)
    issues["sent"].deliveries.update(state="sent", sent_at=now + timedelta(seconds=9))
    Issue.objects.filter(pk=issues["sent"].pk).update(state="sent", finished_at=now)
    Issue.objects.filter(pk=issues["paused"].pk).update(state="paused", said="20 mails in a row were refused.")
    return issues


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_letters_can_be_used_by_everyone(page, axe, scheme, letter):
    page.emulate_media(color_scheme=scheme)
    issues = in_every_state(letter)
    log_in(page)

    for where in [
        ISSUES,
        f"{ISSUES}add/",
        *map(road, issues.values()),
        *(road(issues["draft"], name) for name in ("preview", "send", "delete", "history")),
        road(issues["sending"], "preview"),
        road(issues["sending"], "deliveries"),
        f"{road(issues['sending'], 'deliveries')}?state=failed",
    ]:
        page.goto(where)
        for folded in page.locator("#content details:not([open]) > summary").all():
            if folded.is_visible():
                folded.click()
        assert (where, axe()) == (where, [])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (where, width)
