"""The desk of the letters in a browser: a file is taken in, its people are found, every page is for everyone."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from newsletter import importing, signing_up
from newsletter.models import Consent, Notice, OutboxMail, Subscriber, SubscriberImport, Subscription
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = "/desk/newsletter/"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def log_in(page):
    make.user("letters staff", username="sofia")
    page.set_default_timeout(5_000)
    page.goto(f"{DESK}subscriberimport/add/")
    page.fill("[name=username]", "sofia")
    page.fill("[name=password]", "sofia")
    page.click("[type=submit]")
    page.wait_for_url("**/add/")


def upload(page, content: bytes):
    page.select_option("[name=newsletter]", label="Get the harbour update")
    page.fill("[name=provenance]", "The fair of 2024.")
    page.set_input_files("[name=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    page.click("input[name=_save]")


def kept_mail(subject: str, raw: bytes = b""):
    anna = make.subscriber("anna@example.org")
    return OutboxMail.objects.create(subscriber=anna, to=anna.address, subject=subject, raw=raw)


@pytest.fixture
def letter():
    return make.newsletter("Get the harbour update")


def test_a_file_is_taken_in_while_one_looks_and_its_people_are_found(page, letter):
    log_in(page)
    upload(page, b"address\nanna@example.org\nboris@example.org\nnobody\n")

    assert page.locator("#standing").inner_text() == "Being checked"
    page.get_by_role("link", name="Refresh").wait_for(state="hidden")  # It follows by itself.
    importing.work_on_due()
    page.click("text=Add them")
    page.wait_for_selector("#standing >> text=Being added")
    importing.work_on_due()
    page.wait_for_selector("#standing >> text=/^Added$/")

    assert page.locator(".letters-counts dd").all_inner_texts() == ["2", "0", "0", "0", "1"]
    page.click(".desk-bar >> text=Subscribers")
    page.fill("[name=address]", "ANN")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=anna@example.org")
    assert page.locator(".letters-table tbody tr").count() == 1
    page.click("text=anna@example.org")
    assert "The fair of 2024." in page.locator(".letters-rows").last.inner_text()
    page.click(".desk-bar >> text=Subscribers")
    page.select_option("[name=state]", label="Active")
    page.click("text=Show")
    page.wait_for_url("**?state=active")
    with page.expect_download() as download:
        page.click("text=Export as CSV")
    assert "anna@example.org" in download.value.path().read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_of_the_letters_can_be_used_by_everyone(page, axe, scheme, letter):
    page.emulate_media(color_scheme=scheme)
    log_in(page)
    signing_up.ask("anna@example.org", newsletter=letter, language="en", page="/")
    signing_up.confirm(Subscription.objects.get(), page="/newsletters/confirm/")
    person = Subscriber.objects.get()
    left = make.subscriber()
    for act in ("left", "imported"):
        Consent.objects.create(subscriber=left, newsletter=letter, act=act, method="form")
    Subscriber.objects.filter(pk=person.pk).update(paused_until=timezone.now() + timedelta(days=1))
    upload(page, b"address\nboris@example.org\nnobody\n")
    page.wait_for_selector("#standing")
    importing.work_on_due()

    for road in [
        "/desk/",
        f"{DESK}newsletter/",
        f"{DESK}newsletter/add/",
        f"{DESK}newsletter/{letter.pk}/change/",
        *(f"{DESK}newsletter/{letter.pk}/mails/?kind={kind}" for kind in Notice.Kind.values),
        f"{DESK}subscriber/",
        f"{DESK}subscriber/{person.pk}/change/",
        f"{DESK}subscriber/{person.pk}/erase/",
        f"{DESK}subscriberimport/",
        f"{DESK}subscriberimport/add/",
        f"{DESK}subscriberimport/{SubscriberImport.objects.get().pk}/change/",
    ]:
        page.goto(road)
        for folded in page.locator("#content details:not([open]) > summary").all():
            folded.click()
        assert (road, axe()) == (road, [])
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), road
        page.set_viewport_size(DESKTOP)


def test_a_phone_has_room_for_the_editor_and_the_days_of_the_lists(page, letter):
    log_in(page)
    page.set_viewport_size(PHONE)
    kept_mail("Welcome")

    for road in (f"{DESK}subscriber/", f"{DESK}outboxmail/"):
        page.goto(road)
        assert page.locator(".letters-table tbody time").is_visible(), road

    page.goto(f"{DESK}issue/add/")
    page.locator(".cke").wait_for()
    row = page.locator(".field-intro")
    assert row.evaluate("row => row.scrollWidth <= row.clientWidth")
    clips_the_ring_of_the_focus = row.evaluate("row => getComputedStyle(row).overflow != 'visible'")
    assert not clips_the_ring_of_the_focus


def test_a_line_of_plain_text_has_room_beside_the_mail(page):
    log_in(page)
    page.set_viewport_size(DESKTOP)
    line, written = "m" * 76, EmailMessage()
    written.set_content(line)
    written.add_alternative("<p>Welcome</p>", subtype="html")
    mail = kept_mail("Welcome", written.as_bytes())

    page.goto(f"{DESK}outboxmail/{mail.pk}/change/")

    text, html = page.locator(".mail__text bdi"), page.locator("iframe")
    assert text.inner_text().strip() == line
    lines = text.evaluate("text => [...text.getClientRects()].filter(line => line.width).length")
    assert lines == 1
    assert html.bounding_box()["y"] < text.bounding_box()["y"] + 40 < html.bounding_box()["y"] + 200
