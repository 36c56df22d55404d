"""The button behind the link of the first mail: programs that follow the link change nothing, a person does."""

import threading
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from articles import publishing
from newsletter import erasing, leaving, signing_up, suppressing
from newsletter.models import Consent, Newsletter, Notice, Subscriber, Subscription, Suppression
from newsletter.tokens import BadToken, Purpose, token
from tests import make
from tests.articles.forms import Form

from .test_scanners import links_in_mails

pytestmark = pytest.mark.django_db

VIRA = "vira@reader.example"


@pytest.fixture(autouse=True)
def at_once(settings):
    cache.clear()
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def letter():
    return make.newsletter(slug="ukraine", topic=make.topic("Ukraine"))


@pytest.fixture
def subscription(letter):
    """Asked for, with its mail in the outbox."""
    return asked(newsletter=letter)


def asked(address=VIRA, **subject) -> Subscription:
    signing_up.ask(address, **subject, language="en", page="/ukraine/")
    return Subscription.objects.get(subscriber__address=address, **subject)


def road_to(subscription) -> str:
    return f"/newsletters/confirm/{token(Purpose.CONFIRM, subscription.name_in_links)}/"


def test_the_mail_leads_to_a_page_that_says_what_is_confirmed_and_has_one_button(reader, letter, subscription):
    [road] = [link for link in links_in_mails() if "/confirm/" in link]

    answer = reader.get(road)

    assert answer.status_code == 200 and answer.text.count("<button") == 1
    assert letter.title in answer.text and letter.promise in answer.text
    form = Form(reader, road)
    assert form.send(cadence="weekly").status_code == 200
    subscription.refresh_from_db()
    assert subscription.is_active and subscription.cadence == "weekly"


def test_it_says_you_are_in_and_that_the_welcome_mail_leads_to_the_preferences(reader, subscription):
    answer = reader.post(road_to(subscription), {"cadence": "daily"})

    assert "You are in" in answer.text and "daily" in answer.text and "A welcome mail is on its way" in answer.text
    [preferences] = [link for link in links_in_mails() if "/preferences/" in link]
    assert reader.get(preferences).status_code == 200
    assert list(Notice.objects.values_list("kind", flat=True)) == [Notice.Kind.WELCOME, Notice.Kind.CONFIRM]


def test_confirming_twice_begins_once(reader, subscription):
    road = road_to(subscription)
    pages = [reader.post(road, {"cadence": cadence}).text for cadence in ("daily", "daily", "weekly")]
    confirmed_at = Subscription.objects.get().confirmed_at

    assert pages[0] == pages[1]
    assert [c.act for c in Consent.objects.all()] == ["confirmed", "asked"]
    assert Notice.objects.filter(kind=Notice.Kind.WELCOME).count() == 1
    assert timezone.now() - confirmed_at < timedelta(minutes=1)
    # How often is a choice, and the last one counts.
    assert Subscription.objects.get().cadence == "weekly"


def test_a_link_that_was_used_says_so_and_where_the_preferences_are(reader, subscription):
    road = road_to(subscription)
    reader.post(road, {"cadence": "weekly"})

    again = reader.get(road)

    assert again.status_code == 200 and "You are in already" in again.text and "weekly" in again.text
    assert "<button" not in again.text and 'href="/newsletters/your-link/"' in again.text


def test_who_was_forwarded_the_mail_gets_no_way_to_what_its_reader_gets(reader, subscription):
    make.subscription(subscription.subscriber, article=make.published("Staged in Rome"))
    road = road_to(subscription)

    pages = [reader.get(road), reader.post(road), reader.post(road), reader.get(road)]

    for page in pages:
        assert "/preferences/" not in page.text and VIRA not in page.text and "Staged" not in page.text


@pytest.mark.django_db(transaction=True)
def test_many_at_once_begin_once():
    subscription = asked(newsletter=make.newsletter())
    road, codes = road_to(subscription), []

    def press():
        try:
            codes.append(Client(raise_request_exception=False).post(road).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [200] * 8
    assert Consent.objects.filter(act="confirmed").count() == 1
    assert Notice.objects.filter(kind=Notice.Kind.WELCOME).count() == 1


@pytest.mark.parametrize("road", ["GET", "POST"])
def test_the_page_is_for_one_person(reader, subscription, road):
    address = road_to(subscription)
    answers = [reader.get(address) if road == "GET" else reader.post(address)]
    answers += [reader.get("/newsletters/confirm/none/"), reader.post("/newsletters/confirm/none/")]
    answers += [reader.options(address), reader.post(address, headers={"sec-fetch-site": "cross-site"})]

    for answer in answers:
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert not answer.cookies


def bad_tokens(subscription) -> dict[str, str]:
    good = token(Purpose.CONFIRM, subscription.name_in_links)
    other = asked("anna@reader.example", newsletter=subscription.newsletter)
    theirs = token(Purpose.CONFIRM, other.name_in_links)
    with patch("django.core.signing.time.time", return_value=time.time() - 7 * 24 * 3600 - 60):
        expired = token(Purpose.CONFIRM, subscription.name_in_links)
    flipped = {
        f"altered {n}": good[:n] + ("A" if sign != "A" else "B") + good[n + 1 :] for n, sign in enumerate(good)
    }
    return {
        **flipped,
        **{f"cut {n}": good[:n] for n in range(1, len(good))},
        "of another subscriber": f"{subscription.pk}:{theirs.split(':', 1)[1]}",
        "of nobody": token(Purpose.CONFIRM, f"newsletter-{10**9}-{subscription.subscriber.digest}"),
        "for preferences": token(Purpose.PREFERENCES, subscription.name_in_links),
        "for leaving": token(Purpose.LEAVE, subscription.name_in_links),
        "expired": expired,
        "10 KB": "a" * 10_000,
        "10 KB behind it": good + "a" * 10_000,
        "several parts": f"{good}/{good}",
        "empty": "",
        "odd": "%00%ff",
    }


def test_every_bad_link_is_answered_with_the_same_page(reader, subscription, record_property):
    bad = bad_tokens(subscription)

    answers = {}
    for what, given in bad.items():
        road = f"/newsletters/confirm/{given}/".replace("//", "/")
        for answer in (reader.get(road), reader.post(road)):
            answers.setdefault((answer.status_code, answer.content), []).append(what)

    record_property("bad tokens tried", len(bad))
    assert len(answers) == 1, list(answers.values())[1:]
    [(status, page)] = answers
    assert status == 404 and b"your-link" in page
    assert not Subscription.objects.active().exists()


def test_a_link_works_for_seven_days(reader, subscription):
    with patch("django.core.signing.time.time", return_value=time.time() - 7 * 24 * 3600 + 60):
        road = road_to(subscription)
    Subscriber.objects.update(created_at=timezone.now() - timedelta(days=7))

    assert reader.post(road).status_code == 200


def test_who_left_is_not_brought_back_by_an_old_link(reader, subscription):
    road = road_to(subscription)
    reader.post(road)
    leaving.leave(Subscription.objects.get(), method=Consent.Method.LINK)

    for answer in (reader.get(road), reader.post(road)):
        assert answer.status_code == 200 and "You have unsubscribed" in answer.text
        assert "This link signed you up once. That ended on" in answer.text and "<button" not in answer.text
    assert not Subscription.objects.active().exists()


def test_who_left_is_told_so_by_the_used_link_and_where_to_sign_up_again(reader, letter, subscription):
    road = road_to(subscription)
    reader.post(road)
    leaving.leave(Subscription.objects.get(), method=Consent.Method.LINK)

    answer = reader.get(road)

    assert f'href="{letter.get_absolute_url()}">Sign up again</a>' in answer.text


def test_who_left_before_an_erasure_is_told_nothing_of_what_came_after(reader, letter, subscription):
    with patch("django.core.signing.time.time", return_value=time.time() - 3600):
        road = road_to(subscription)
    erasing.erase(subscription.subscriber)
    make.subscription(make.subscriber(VIRA), newsletter=letter)
    leaving.leave(Subscription.objects.get(), method=Consent.Method.LINK)

    assert reader.get(road).status_code == 404


def test_who_left_and_asked_again_is_in_anew(reader, subscription):
    reader.post(road_to(subscription))
    leaving.leave(Subscription.objects.get(), method=Consent.Method.LINK)

    again = road_to(asked(newsletter=subscription.newsletter))

    assert reader.post(again).status_code == 200
    assert Subscription.objects.get().is_active


@pytest.mark.parametrize("reason", ["erased", "left", "bounced"])
def test_who_confirms_anew_is_released(reader, letter, reason):
    suppressing.suppress(VIRA, Suppression.Reason(reason))
    road = road_to(asked(newsletter=letter))
    assert suppressing.reason_of(VIRA) == reason

    reader.post(road)

    assert suppressing.reason_of(VIRA) == ""
    assert Subscription.objects.get().is_active


def test_who_has_complained_is_not(reader, subscription):
    suppressing.suppress(VIRA, Suppression.Reason.COMPLAINED)
    Notice.objects.all().delete()

    assert reader.post(road_to(subscription)).status_code == 404
    assert suppressing.reason_of(VIRA) == "complained"
    assert not Notice.objects.exists() and not Subscription.objects.active().exists()


def test_a_consent_has_all_that_shows_it_was_given(reader, letter, settings):
    settings.CONSENT_KEEPS_NETWORK = True
    wording = letter.wordings.get()
    signing_up.ask(VIRA, newsletter=letter, language="en", page="/ukraine/", wording=1, network="192.0.2.0/24")

    reader.post(road_to(Subscription.objects.get()), REMOTE_ADDR="198.51.100.7")

    confirmed, asked_ = Consent.objects.all()
    assert (asked_.act, asked_.method, asked_.page, asked_.network) == (
        "asked",
        "form",
        "/ukraine/",
        "192.0.2.0/24",
    )
    assert (confirmed.act, confirmed.method, confirmed.page) == ("confirmed", "link", "/newsletters/confirm/")
    assert confirmed.network == "198.51.100.0/24"
    for consent in (confirmed, asked_):
        assert (consent.subscriber.address, consent.newsletter, consent.wording) == (VIRA, letter, wording)
        assert timezone.now() - consent.at < timedelta(minutes=1) and consent.at.tzname() == "UTC"
    assert asked_.at < confirmed.at


def test_a_confirmation_names_the_words_that_were_agreed_to_not_newer_ones(reader, letter, subscription):
    letter.wordings.create(version=2, text="We write more often.")

    reader.post(road_to(subscription))

    assert Consent.objects.get(act="confirmed").wording.version == 1


def test_a_story_is_confirmed_under_the_headline_readers_have(reader):
    story = make.published("Italy weighs a deal", slug="drone-deal")
    road = road_to(asked(article=story))
    make.edition(story, headline="Italy signs a deal")
    story.headline = "A draft of something else"
    story.save()

    assert "Italy signs a deal" in reader.get(road).text
    page = reader.post(road, {"cadence": "each"}).text

    assert "Italy signs a deal" in page and "A draft" not in page
    assert Subscription.objects.get().is_active


def test_of_a_story_that_is_gone_nothing_is_told(reader):
    story = make.published("Staged in Rome")
    road = road_to(asked(article=story))
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)

    for answer in (reader.get(road), reader.post(road)):
        assert answer.status_code == 404 and "Staged" not in answer.text


@pytest.mark.parametrize("cadence", ["", "hourly", "each\x00"])
def test_a_cadence_that_is_not_offered_is_the_one_that_was_asked_for(reader, subscription, cadence):
    Newsletter.objects.update(cadences=["weekly", "daily"])

    reader.post(road_to(subscription), {"cadence": cadence})

    assert Subscription.objects.get().is_active
    assert Subscription.objects.get().cadence in ("weekly", "each")


def test_neither_address_nor_token_is_in_a_log(reader, subscription, caplog):
    caplog.set_level("DEBUG")
    road = road_to(subscription)

    reader.get(road)
    reader.post(road)

    said = " ".join(r.getMessage() for r in caplog.records if r.name != "django.db.backends")
    assert VIRA not in said and road.split("/")[3] not in said


def test_who_left_while_the_page_was_open_is_not_brought_back(subscription):
    link = token(Purpose.CONFIRM, subscription.name_in_links)
    signing_up.confirm(subscription, page="/")
    seen = signing_up.to_be_confirmed(link)
    leaving.leave(subscription, method="link")

    with pytest.raises(BadToken):
        signing_up.confirm(seen, page="/")

    assert not Subscription.objects.get().is_active


def test_who_was_erased_while_the_page_was_open_gets_the_page_of_all_bad_links(subscription):
    seen = signing_up.to_be_confirmed(token(Purpose.CONFIRM, subscription.name_in_links))
    erasing.erase(subscription.subscriber)

    with pytest.raises(BadToken):
        signing_up.confirm(seen, page="/")


def test_an_old_mail_does_not_confirm_what_was_left_and_asked_for_again(reader, letter, subscription):
    with patch("django.core.signing.time.time", return_value=time.time() - 60):
        road = road_to(subscription)
    signing_up.confirm(subscription, page="/")
    leaving.leave(subscription, method="link")
    Subscription.objects.update(left_at=Now() - timedelta(seconds=30))
    Notice.objects.all().delete()
    signing_up.ask(VIRA, newsletter=letter, language="en", page="/")

    assert Subscription.objects.get().is_pending
    assert reader.get(road).status_code == 404
    assert reader.get(road_to(subscription)).status_code == 200
