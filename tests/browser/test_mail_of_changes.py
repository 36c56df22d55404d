"""From the desk to a reader's letter, in a browser: what changed since the last one, and what we had wrong."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from newsletter.models import Cadence, OutboxMail
from newsletter.sending import send_due
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VIRA, BORYS = "vira@reader.example", "borys@reader.example"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(autouse=True)
def nothing_rests(settings, live_server):
    settings.SITE_URL = live_server.url
    settings.MAIL_UNDO = timedelta(0)
    cache.clear()


@pytest.fixture
def story():
    """Of five readers two were mailed its first edition."""
    letter = make.newsletter(topic=make.topic("Ukraine"))
    for address in (VIRA, BORYS):
        make.subscription(make.subscriber(address), newsletter=letter, cadence=Cadence.EACH)
    make.subscription(newsletter=letter, cadence=Cadence.WEEKLY, confirmed_at=timezone.now())
    make.subscription(newsletter=make.newsletter(topic=make.topic("Energy")), cadence=Cadence.EACH)
    story = make.published("Talks begin", topic=letter.topic, lead="Five delegations came to Rome.")
    send_due()
    make.subscription(newsletter=letter, cadence=Cadence.EACH, confirmed_at=timezone.now())
    return story


@pytest.fixture
def desk(page, story):
    make.user("chief", username="olena")
    page.set_default_timeout(10_000)
    page.goto(f"/desk/articles/article/{story.pk}/change/")
    page.fill("[name=username]", "olena")
    page.fill("[name=password]", "olena")
    page.click("[type=submit]")
    page.fill("[name=lead]", "Six delegations came to Rome.")
    page.wait_for_selector("[data-live] ins")
    return page


def newest_letter(desk, subject: str):
    """The inside of the newest mail of this subject in the outbox, as its reader would see it."""
    desk.goto("/desk/newsletter/outboxmail/")
    desk.get_by_role("link", name=subject).first.click()
    return desk.frame_locator("iframe").first


def publish(desk, note: str):
    desk.fill("[name=note]", note)
    desk.click("[name=_publish]")
    desk.get_by_text("Edition 2 is out").wait_for()


def test_the_next_letter_says_what_changed_since_the_last(desk):
    desk.check("[name=kind][value=development]")
    publish(desk, "Norway joined the talks.")
    desk.get_by_text("Mailed from").wait_for()
    send_due()

    letter = newest_letter(desk, "Talks begin")

    letter.get_by_role("heading", name="Since we last wrote").wait_for()
    letter.locator("bdi", has_text="Norway joined the talks.").wait_for()
    assert letter.locator("del").all_inner_texts() == ["Five"]
    assert letter.locator("ins").all_inner_texts() == ["Six"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_correction_is_mailed_from_where_it_was_published_to_the_two_of_five_who_had_it_wrong(desk, axe, scheme):
    desk.emulate_media(color_scheme=scheme)
    desk.check("[name=kind][value=correction]")
    desk.fill("[name=wrong]", "Five delegations came.")
    desk.fill("[name=right]", "Six delegations came.")
    publish(desk, "It was six.")

    desk.get_by_role("link", name="Tell the 2 people whom we mailed edition 1").click()
    desk.frame_locator("iframe").first.locator("b", has_text="Six delegations came.").wait_for()
    assert axe() == []
    desk.set_viewport_size(PHONE)
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.set_viewport_size(DESKTOP)
    desk.get_by_role("button", name="Tell the 2 people").click()
    desk.get_by_text("It is mailed to them within seconds.").wait_for()
    assert axe() == []
    send_due()

    told = OutboxMail.objects.filter(subject="Correction: Talks begin")
    assert sorted(told.values_list("to", flat=True)) == [BORYS, VIRA]
    letter = newest_letter(desk, "Correction: Talks begin")

    letter.get_by_role("heading", name="A correction to what we mailed you").wait_for()
    letter.get_by_text("Five delegations came.", exact=True).wait_for()
    letter.locator("b", has_text="Six delegations came.").wait_for()
