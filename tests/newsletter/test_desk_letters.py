"""The letters at the desk: their forms, the versions of their wording, their growth, and who gets to see them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from newsletter import growth
from newsletter.models import Consent, Newsletter, Wording
from tests import make

pytestmark = pytest.mark.django_db

LETTERS = "/desk/newsletter/newsletter/"
BESIDE_THE_NEWSLETTERS = ["subscriber", "subscriberimport", "newsletter/corrections", "notice", "outboxmail"]
FORM = {
    "title": "Get the next harbour update",
    "promise": "What moved in the harbour, in one mail.",
    "slug": "harbour",
    "cadences": ["daily", "weekly"],
    "time_zone": "Europe/Kyiv",
    "send_time": "07:00",
    "send_weekday": "0",
    "is_open": "on",
    "wording": "We write once a day at most.",
}


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


def wordings(letter) -> list[tuple[int, str]]:
    return [*Wording.objects.of(letter).values_list("version", "text")]


def version_of(letter) -> str:
    return Newsletter.objects.get(pk=letter.pk).saved_at.isoformat()


def test_a_letter_is_made_with_its_first_wording(desk):
    assert desk.post(f"{LETTERS}add/", FORM).status_code == 302

    letter = Newsletter.objects.get()
    assert (letter.slug, letter.cadences, letter.time_zone) == ("harbour", ["daily", "weekly"], "Europe/Kyiv")
    assert wordings(letter) == [(1, "We write once a day at most.")]


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({"wording": ""}, "This field is required"),
        ({"cadences": []}, "This field is required"),
        ({"time_zone": "Kyiv"}, "is not a time zone"),
        ({"slug": "preferences"}, "choose another address"),
        ({"sender_address": "news@localhost"}, "check the address"),
    ],
)
def test_a_letter_that_is_not_whole_is_not_made(desk, without, said):
    answer = desk.post(f"{LETTERS}add/", {**FORM, **without})

    assert said in answer.content.decode()
    assert not Newsletter.objects.exists()


def test_a_new_wording_is_the_next_version_and_the_older_ones_stay(desk):
    desk.post(f"{LETTERS}add/", FORM)
    letter = Newsletter.objects.get()
    change = f"{LETTERS}{letter.pk}/change/"

    for wording in ("", "We write once a week at most.", "We write once a week at most."):
        desk.post(change, {**FORM, "wording": wording, "version": version_of(letter)})

    assert wordings(letter) == [(2, "We write once a week at most."), (1, "We write once a day at most.")]
    page = desk.get(change).content.decode()
    assert page.index("Version 2") < page.index("Version 1")
    assert 'name="wording"' in page


@pytest.mark.parametrize("missing", [False, True])
def test_a_save_over_that_of_somebody_else_is_refused_and_keeps_what_was_typed(desk, client_for, missing):
    desk.post(f"{LETTERS}add/", FORM)
    letter = Newsletter.objects.get()
    change = f"{LETTERS}{letter.pk}/change/"
    seen = re.search(r'name="version" value="([^"]+)"', desk.get(change).text)[1]
    other = client_for(make.user("letters staff", username="other"))
    other.post(change, {**FORM, "promise": "What they wrote.", "version": seen})
    mine = {**FORM, "promise": "What I wrote.", "wording": "My words.", "version": "" if missing else seen}

    answers = [desk.post(change, mine) for _ in range(2)]

    for answer in answers:
        assert answer.status_code == 200 and "Somebody has saved this newsletter since" in answer.text
        assert "What I wrote." in answer.text and "My words." in answer.text
    letter.refresh_from_db()
    assert letter.promise == "What they wrote." and len(wordings(letter)) == 1
    desk.post(change, {**mine, "version": version_of(letter)})
    letter.refresh_from_db()
    assert letter.promise == "What I wrote."


def test_the_list_says_how_many_have_each_letter(desk):
    letter = make.newsletter()
    now = timezone.now()
    for _ in range(3):
        make.subscription(newsletter=letter)
    make.subscription(newsletter=letter, is_active=False)
    make.subscription(newsletter=letter, asked_at=now, confirmed_at=now, left_at=now)

    row = desk.get(LETTERS).content.decode()

    for name, count in [("active", 3), ("to_confirm", 1), ("have_left", 1)]:
        assert f'field-{name}">{count}<' in row
    make.subscription(newsletter=letter)
    assert 'field-active">4<' in desk.get(LETTERS).content.decode()


def test_a_large_letter_is_not_counted_each_time(desk, monkeypatch):
    monkeypatch.setattr(growth, "COUNTED", 2)
    letter = make.newsletter()
    for _ in range(3):
        make.subscription(newsletter=letter)
    desk.get(LETTERS)
    make.subscription(newsletter=letter)

    assert 'field-active">3<' in desk.get(LETTERS).content.decode()


def test_nobody_waits_until_a_very_large_letter_is_counted_to_its_end(desk, monkeypatch):
    monkeypatch.setattr(growth, "MOST", 2)
    letter = make.newsletter()
    for is_active in (True, True, True, False, False):
        make.subscription(newsletter=letter, is_active=is_active)

    page = desk.get(LETTERS).text

    assert 'field-active">more than 2<' in page and 'field-to_confirm">2<' in page


def test_growth_is_told_week_by_week(settings):
    settings.TIME_ZONE = "Europe/Kyiv"
    letter, other = make.newsletter(), make.newsletter(topic=make.topic())
    now = datetime(2026, 4, 15, 9, 0, tzinfo=UTC)
    said = [
        ("confirmed", now),
        ("confirmed", datetime(2026, 4, 12, 22, 0, tzinfo=UTC)),  # Monday already, in Kyiv.
        ("left", datetime(2026, 4, 12, 20, 0, tzinfo=UTC)),
        ("imported", now - timedelta(weeks=11)),
        ("confirmed", now - timedelta(weeks=12)),
        ("asked", now),
    ]
    with timezone.override("Europe/Kyiv"):
        for act, at in said:
            Consent.objects.create(
                subscriber=make.subscriber(), newsletter=letter, act=act, method=Consent.Method.FORM, at=at
            )
        Consent.objects.create(
            subscriber=make.subscriber(), newsletter=other, act="confirmed", method=Consent.Method.FORM, at=now
        )
        weeks = growth.weeks(letter, now)

    assert [week.begins.isoformat() for week in weeks][-2:] == ["2026-04-06", "2026-04-13"]
    assert len(weeks) == 12
    assert [(week.signed_up, week.imported, week.left) for week in weeks] == [
        (0, 1, 0), *[(0, 0, 0)] * 9, (0, 0, 1), (2, 0, 0),
    ]  # fmt: skip


def test_a_chart_says_in_words_what_it_shows(desk):
    letter = make.newsletter()
    for act in ("confirmed", "confirmed", "left", *["imported"] * 3):
        Consent.objects.create(subscriber=make.subscriber(), newsletter=letter, act=act, method=Consent.Method.FORM)

    page = desk.get(f"{LETTERS}{letter.pk}/change/").content.decode()

    assert page.count("In the last 12 weeks 2 signed up and 1 unsubscribed.") == 2
    assert "Another 3 came from imported files" in page and ">+3</text>" in page
    for words in ("2 signed up</text>", "2 unsubscribed</text>", ">0</text>", "week from</text>"):
        assert words in page
    assert page.count('<th scope="row">') == 12


def test_a_new_newsletter_begins_with_the_cadences_most_have(desk):
    page = desk.get(f"{LETTERS}add/").content.decode()

    ticked = re.findall(r'name="cadences" value="(\w+)"[^>]* checked', page)
    assert ticked == ["each", "daily"]
    assert "Page address" in page and "/newsletters/harbour/" in page


def test_letters_staff_are_shown_their_work_and_no_story(desk):
    make.published("Italy weighs a drone deal")

    page = desk.get("/desk/").content.decode()

    _, _, below_the_bar = page.partition('id="content"')
    for place in ("issue", "newsletter", *BESIDE_THE_NEWSLETTERS):
        assert below_the_bar.count(f'href="/desk/newsletter/{place}/"') == 1
    assert below_the_bar.count('href="/desk/articles/topic/"') == 1
    assert "drone deal" not in page
    assert "/desk/articles/article/" not in page


@pytest.mark.parametrize("role", ["letters staff", "chief"])
def test_the_newsletters_lead_to_all_that_goes_with_them(client_for, role):
    desk = client_for(make.user(role))

    page = desk.get(LETTERS).text

    _, _, below_the_bar = page.partition('id="content"')
    for place in BESIDE_THE_NEWSLETTERS:
        assert f'href="/desk/newsletter/{place}/"' in below_the_bar
        assert desk.get(f"/desk/newsletter/{place}/").status_code == 200


def test_the_subscribers_lead_to_the_imports(desk):
    _, _, below_the_bar = desk.get("/desk/newsletter/subscriber/").text.partition('id="content"')

    assert 'href="/desk/newsletter/subscriberimport/"' in below_the_bar


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_who_writes_stories_is_shown_nothing_of_the_letters(client_for, role):
    assert "/desk/newsletter/" not in client_for(make.user(role)).get("/desk/").content.decode()
