"""A reader tells the desk of an error."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.utils import timezone

from articles import public_post, publishing
from articles.models import ErrorReport, Tally
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ROAD = "/ukraine/drone-deal/report-an-error/"
RECEIVED = f"{ROAD}received/"
TEXT = "Six signed, not five; it is in the treaty."


@pytest.fixture(autouse=True)
def nobody_has_sent_anything():
    cache.clear()


@pytest.fixture
def story():
    story = make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal")
    make.edition(story, headline="Italy signs a deal")
    return story


def send(client, road=ROAD, headers=None, **said):
    return client.post(road, {"text": TEXT, "edition": "1", **said}, headers=headers or {})


def test_every_story_and_every_edition_leads_to_the_form(reader, story):
    for road, number in (("/ukraine/drone-deal/", 2), ("/ukraine/drone-deal/revisions/1/", 1)):
        assert f'href="{ROAD}?edition={number}"' in reader.get(road).text


def test_a_report_reaches_the_desk_with_the_edition_the_reader_saw(reader, story):
    form = Form(reader, f"{ROAD}?edition=1")

    answer = form.send(text=TEXT, address="vira@reader.example")

    assert (answer.status_code, answer["Location"]) == (303, RECEIVED)
    report = ErrorReport.objects.get()
    assert (report.article, report.edition, report.text) == (story, 1, TEXT)
    assert (report.address, report.state) == ("vira@reader.example", "waiting")
    assert "Thank you" in reader.get(RECEIVED).text


def test_neither_page_sets_a_cookie_nor_wants_one(reader, story):
    answers = [reader.get(ROAD), send(reader), reader.get(RECEIVED), send(reader, text="")]

    assert not any(answer.cookies for answer in answers)
    assert not reader.cookies
    assert "csrf" not in answers[0].text


def test_looking_writes_nothing_and_is_kept_by_caches(reader, story):
    answer = reader.get(ROAD)

    assert not ErrorReport.objects.exists()
    assert "s-maxage" in answer["Cache-Control"]
    assert reader.get(ROAD, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert answer["X-Robots-Tag"] == "noindex"


def test_what_is_sent_is_kept_by_no_cache(reader, story):
    assert [send(reader, text=text)["Cache-Control"] for text in ("", TEXT)] == ["no-store", "no-store"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"text": "  \n "}, "Tell us what is wrong; this was empty."),
        ({"address": "vira@"}, "Enter a valid email address."),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, "Enter a valid email address."),
        ({"address": f"{'a' * 250}@b.example"}, "at most 254 characters"),
        ({"text": "NUL \x00 inside"}, "Null characters are not allowed."),
        ({"text": "x" * 5_001}, "This is too long: 5001 characters, and 5000 are the most."),
        ({"text": "<div>" * 600_000}, "This is too long: 3000000 characters, and 5000 are the most."),
    ],
)
def test_what_cannot_be_taken_is_said_so_and_stays_in_the_form(reader, story, said, told):
    answer = send(reader, **{"address": "vira@reader.example", **said})

    assert answer.status_code == 200
    assert told in answer.text
    assert not ErrorReport.objects.exists()
    kept = Form(reader, ROAD, answer)
    assert kept["edition"] == ["1"]
    if "\x00" not in said.get("text", ""):
        assert kept["text"] == [said.get("text", TEXT).replace("\r\n", "\n")]


def test_what_nobody_can_see_is_taken_out(reader, story):
    send(reader, text="Six \u202esigned\u202c, not\u200b five.")

    assert ErrorReport.objects.get().text == "Six signed, not five."


def test_half_a_character_does_no_harm(reader, story):
    body = b"text=Six %ED%A0%80 signed&edition=1"

    answer = reader.post(ROAD, body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 303
    assert ErrorReport.objects.get().text.startswith("Six ")


@pytest.mark.parametrize("edition", ["", "0", "-1", "3", "99", "9" * 30, "abc", "１", "\x00", "1.5"])
def test_an_edition_that_is_none_is_taken_as_the_newest(reader, story, edition):
    assert send(reader, edition=edition).status_code == 303
    assert ErrorReport.objects.get().edition == 2
    assert reader.get(ROAD, {"edition": edition}).status_code == 200


def test_a_machine_that_fills_in_every_field_is_thanked_and_not_listened_to(reader, story):
    answer = send(reader, website="https://spam.example")

    assert (answer.status_code, answer["Location"]) == (303, RECEIVED)
    assert not ErrorReport.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://testserver"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    ],
)
def test_a_form_on_another_site_cannot_send_it(reader, story, headers, status):
    answer = send(reader, headers=headers)

    assert answer.status_code == status
    assert ErrorReport.objects.count() == (status == 303)
    assert status == 303 or "sent from another site" in answer.text


def test_a_report_to_a_former_address_goes_along(reader, story):
    story.slug = "drones"
    story.save()

    answer = send(reader)

    assert (answer.status_code, answer["Location"]) == (308, "/ukraine/drones/report-an-error/")


def test_of_a_withdrawn_story_nothing_can_be_reported(reader, story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=2)

    assert [reader.get(ROAD).status_code, send(reader).status_code, reader.get(RECEIVED).status_code] == [410] * 3
    assert not ErrorReport.objects.exists()


def test_nor_of_a_draft(reader, story):
    draft = make.story(topic=story.topic)

    assert send(reader, f"{draft.get_absolute_url()}report-an-error/").status_code == 404


# How often.


@pytest.fixture
def two_an_hour(settings):
    settings.REPORTS_PER_HOUR = 2


def test_who_sends_too_much_is_asked_to_wait_and_keeps_the_text(reader, story, two_an_hour):
    with patch("articles.public_post.time.time", return_value=3600 * 500_000 + 600):
        first = [send(reader).status_code for _ in range(2)]
        answer = send(reader, address="vira@reader.example")

    assert first == [303, 303]
    assert (answer.status_code, answer["Retry-After"]) == (429, "3000")
    assert "send it again in 50 minutes" in " ".join(answer.text.split())
    assert TEXT in answer.text and "vira@reader.example" in answer.text
    assert ErrorReport.objects.count() == 2


def test_an_hour_later_there_is_room_again(reader, story, two_an_hour):
    now = 3600 * 500_000
    for seconds, status in ((0, 303), (3599, 303), (3599, 429), (3600, 303)):
        with patch("articles.public_post.time.time", return_value=now + seconds):
            assert send(reader).status_code == status


@pytest.mark.parametrize(
    ("one", "other", "is_one_client"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "unix:", False),
    ],
)
def test_clients_are_counted_by_their_network(reader, story, settings, one, other, is_one_client):
    settings.REPORTS_PER_HOUR = 1

    reader.post(ROAD, {"text": TEXT}, REMOTE_ADDR=one)

    assert reader.post(ROAD, {"text": TEXT}, REMOTE_ADDR=other).status_code == (429 if is_one_client else 303)


@pytest.mark.parametrize("is_behind_proxy", [True, False])
def test_what_a_client_says_of_its_address_counts_for_nothing(reader, story, settings, is_behind_proxy):
    settings.REPORTS_PER_HOUR, settings.BEHIND_TLS_PROXY = 1, is_behind_proxy
    proxy = ", 192.0.2.7" if is_behind_proxy else ""

    answers = [send(reader, headers={"x-forwarded-for": f"198.51.100.{n}{proxy}"}).status_code for n in (1, 2)]

    assert answers == [303, 429]


def test_the_address_of_a_client_is_kept_nowhere(reader, story, caplog):
    caplog.set_level("DEBUG")

    reader.post(ROAD, {"text": TEXT}, REMOTE_ADDR="192.0.2.77")

    assert "192.0.2" not in Tally.objects.get().client
    assert "192.0.2.77" not in caplog.text
    assert "192.0.2.77" not in str(ErrorReport.objects.values())


def test_what_one_process_counted_the_others_know(reader, story, settings):
    settings.REPORTS_PER_HOUR = 1
    send(reader)

    cache.clear()  # Another process has another cache.

    assert send(reader).status_code == 429


def test_counts_of_an_hour_that_is_over_are_forgotten(reader, story):
    send(reader)
    Tally.objects.update(until=timezone.now() - timedelta(seconds=1))

    public_post.forget_past()

    assert not Tally.objects.exists()
