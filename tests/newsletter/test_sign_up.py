"""A reader asks for a letter, or to follow a story: the same is answered whoever asks, and the mail decides."""

import email.policy
import re
import threading
import time
from datetime import timedelta
from email import message_from_bytes
from html import unescape
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from articles import publishing
from newsletter import form_tokens, leaving, notices, offers, signing_up, suppressing
from newsletter.models import (
    Consent,
    Newsletter,
    Notice,
    OutboxMail,
    SpentToken,
    Subscriber,
    Subscription,
    Suppression,
    Wording,
)
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ROAD, FOLLOW = "/newsletters/ukraine/", "/newsletters/follow/drone-deal/"
ANSWER = "/newsletters/check-your-mail/"
VIRA = "vira@reader.example"


@pytest.fixture(autouse=True)
def nobody_has_sent_anything(settings):
    cache.clear()
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def topic():
    return make.topic("Ukraine")


@pytest.fixture
def letter(topic):
    return make.newsletter(slug="ukraine", topic=topic, wording="We write to you as often as you choose.")


@pytest.fixture
def story(topic):
    return make.published("Italy weighs a deal", topic=topic, slug="drone-deal")


def ripe() -> str:
    return form_tokens.issue(at=time.time() - 10)


def send(client, road=ROAD, headers=None, **said):
    return client.post(road, {"address": VIRA, "token": ripe(), **said}, headers=headers or {})


def minutes_pass(minutes: int) -> None:
    """As if all that was written had been written so long ago."""
    ago = timedelta(minutes=minutes)
    for notice in Notice.objects.all():
        times = {"due_at": notice.due_at - ago, "sent_at": notice.sent_at and notice.sent_at - ago}
        Notice.objects.filter(pk=notice.pk).update(**times)


def mails(to: str = VIRA) -> list[str]:
    """The subjects of those that went to this address, the newest first."""
    return [mail.subject for mail in OutboxMail.objects.filter(to__icontains=to)]


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", page)).split())


# The box.


def test_story_topic_and_front_page_offer_the_letter(reader, letter, story):
    site = make.newsletter("The day in one mail", slug="the-day")
    pages = {
        "/ukraine/drone-deal/": (letter, "/ukraine/drone-deal/"),
        "/ukraine/": (letter, "/ukraine/"),
        "/": (site, "/"),
    }

    for road, (offered, here) in pages.items():
        page = reader.get(road).text
        assert f'action="/newsletters/{offered.slug}/"' in page
        assert f'name="page" value="{here}"' in page
        assert offered.title in page and offered.promise in page
        assert "each development, daily or weekly" in page
        assert offers.offer_of(offered).wording in words_of(page)


def test_a_topic_without_a_letter_offers_that_of_the_site(reader, story):
    make.newsletter(slug="the-day")

    for road in ("/ukraine/drone-deal/", "/ukraine/", "/"):
        assert 'action="/newsletters/the-day/"' in reader.get(road).text


def test_beside_the_letter_a_story_can_be_followed_alone(reader, letter, story):
    assert f'Only want this story? <a href="{FOLLOW}">Follow it by mail</a>' in " ".join(
        reader.get("/ukraine/drone-deal/").text.split()
    )


def test_where_there_is_no_letter_the_story_offers_to_be_followed(reader, story):
    page = reader.get("/ukraine/drone-deal/").text

    assert f'action="{FOLLOW}"' in page and "Only this story?" not in page
    assert "sign-up__row" not in reader.get("/").text


def test_a_box_is_gone_when_the_letter_takes_no_more(reader, letter, story):
    before = reader.get("/ukraine/drone-deal/").text
    Newsletter.objects.update(is_open=False)

    after = reader.get("/ukraine/drone-deal/").text

    assert letter.title in before and letter.title not in after
    assert reader.get(ROAD).status_code == 404


def test_an_edition_as_it_stood_has_no_box(reader, letter, story):
    assert "<sign-up" not in reader.get("/ukraine/drone-deal/revisions/1/").text


def test_all_letters_stand_on_one_page(reader, letter):
    make.newsletter("The day in one mail", slug="the-day")
    make.newsletter("Asleep", slug="asleep", topic=make.topic("Sleep"), is_open=False)

    page = reader.get("/newsletters/").text

    assert re.findall(r'action="(/newsletters/[^"]+)"', page) == ["/newsletters/the-day/", ROAD]
    assert "Asleep" not in page


def test_pages_with_a_box_are_the_same_for_everybody_and_set_no_cookie(reader, letter, story):
    for road in ("/", "/ukraine/", "/ukraine/drone-deal/", "/newsletters/", ROAD, FOLLOW, ANSWER):
        answer = reader.get(road)
        assert "s-maxage" in answer["Cache-Control"] and 'name="token"' not in answer.text
        assert not answer.cookies
    assert not reader.cookies


# Signing up.


def test_without_script_one_step_more_signs_up(reader, letter, story):
    box = Form(reader, "/ukraine/drone-deal/")
    step = box.send(address=VIRA)
    assert step.status_code == 200 and "That keeps spam robots out." in step.text
    assert step["Cache-Control"] == "no-store"
    form = Form(reader, ROAD, step)
    assert form["address"] == [VIRA] and form["page"] == ["/ukraine/drone-deal/"]

    with patch("newsletter.form_tokens.time.time", return_value=time.time() + 3):
        answer = form.send(cadence="weekly")

    assert (answer.status_code, answer["Location"]) == (303, ANSWER)
    assert "check your mail" in reader.get(ANSWER).text
    subscription = Subscription.objects.get()
    assert (subscription.subscriber.address, subscription.newsletter) == (VIRA, letter)
    assert subscription.is_pending and subscription.cadence == "weekly"
    assert len(mails()) == 1


def test_a_token_can_be_fetched_by_everybody_and_is_kept_by_no_cache(reader):
    answer = reader.get("/newsletters/form-token/")

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.text != reader.get("/newsletters/form-token/").text
    assert not SpentToken.objects.exists() and not answer.cookies
    with patch("newsletter.form_tokens.time.time", return_value=time.time() + 3):
        assert send(reader, token=answer.text).status_code == 404  # There is no such letter.
        form_tokens.spend(answer.text)


@pytest.mark.parametrize("token", ["", "x", "young", "old", "spent"])
def test_without_a_good_token_the_page_comes_back_with_all_that_was_typed(reader, letter, token):
    spent = ripe()
    form_tokens.spend(spent)
    given = {"young": form_tokens.issue(), "old": form_tokens.issue(at=time.time() - 4000), "spent": spent}

    answer = send(reader, token=given.get(token, token), cadence="weekly", page="/ukraine/")

    assert answer.status_code == 200 and "please press “Sign up” again" in words_of(answer.text)
    form = Form(reader, ROAD, answer)
    assert (form["address"], form["cadence"], form["page"]) == ([VIRA], ["weekly"], ["/ukraine/"])
    assert not Subscriber.objects.exists()
    with patch("newsletter.form_tokens.time.time", return_value=time.time() + 3):
        assert form.send().status_code == 303


def test_a_machine_that_fills_in_every_field_is_answered_and_not_listened_to(reader, letter):
    answer = send(reader, website="https://spam.example")

    assert (answer.status_code, answer["Location"]) == (303, ANSWER)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_a_form_on_another_site_signs_nobody_up(reader, letter, headers):
    assert send(reader, headers=headers).status_code == 403
    assert not Subscriber.objects.exists()


def test_what_nobody_may_sign_up_for_is_no_page(reader, letter, story):
    draft = make.story(topic=story.topic, slug="secret")
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)
    Newsletter.objects.update(is_open=False)

    for road in (ROAD, FOLLOW, f"/newsletters/follow/{draft.slug}/", "/newsletters/nothing/"):
        assert [reader.get(road).status_code, send(reader, road).status_code] == [404, 404]
    for subject in ({"newsletter": Newsletter.objects.get()}, {"article": story}, {"article": draft}):
        with pytest.raises(signing_up.NotOffered):
            signing_up.ask(VIRA, **subject, language="en", page="/")
    assert not Subscriber.objects.exists()


def test_a_story_is_followed_under_its_newest_headline(reader, story):
    make.edition(story, headline="Italy signs a deal")
    assert "Italy signs a deal" in reader.get(FOLLOW).text

    assert send(reader, FOLLOW).status_code == 303

    subscription = Subscription.objects.get()
    assert (subscription.article, subscription.newsletter, subscription.cadence) == (story, None, "each")
    assert subscription.subscriber.language == "en-gb"


def test_a_former_address_of_a_story_follows_it_too(reader, story):
    story.slug = "drones"
    story.save()

    assert 'action="/newsletters/follow/drones/"' in reader.get(FOLLOW).text
    assert send(reader, FOLLOW).status_code == 303
    assert Subscription.objects.get().article == story


# Whoever it is.


def known_as(what: str, letter) -> None:
    subscriber = make.subscriber(VIRA)
    match what:
        case "new":
            subscriber.delete()
        case "pending":
            make.subscription(subscriber, newsletter=letter, is_active=False)
        case "active":
            make.subscription(subscriber, newsletter=letter)
        case "left":
            leaving.leave(make.subscription(subscriber, newsletter=letter), method=Consent.Method.LINK)
        case "erased":
            subscriber.delete()
            suppressing.suppress(VIRA, Suppression.Reason.ERASED)
        case "bounced" | "complained":
            make.subscription(subscriber, newsletter=letter)
            suppressing.suppress(VIRA, Suppression.Reason(what))


WHOEVER = ["new", "pending", "active", "left", "erased", "bounced", "complained"]


def test_the_same_is_answered_whatever_we_know_of_the_address(letter):
    answers = set()
    for what in WHOEVER:
        with transaction.atomic():
            cache.clear()
            known_as(what, letter)
            client = Client(enforce_csrf_checks=True)
            step = send(client, token="x" * 9)
            answer = send(client)
            end = client.get(answer["Location"])
            same = re.sub(r'name="token" value="[^"]*"', "", step.text)
            headers = {k: v for k, v in answer.items() if k != "Date"}
            answers.add((step.status_code, same, answer.status_code, str(headers), answer.content, end.content))
            transaction.set_rollback(True)

    assert len(answers) == 1


@pytest.mark.parametrize(
    ("what", "mail"),
    [
        *((what, Notice.Kind.CONFIRM) for what in ("new", "pending", "left", "erased", "bounced")),
        ("active", Notice.Kind.KNOWN),
        ("complained", None),
    ],
)
def test_the_mail_decides(reader, letter, what, mail):
    known_as(what, letter)
    Notice.objects.all().delete()
    OutboxMail.objects.all().delete()

    send(reader)

    assert [notice.kind for notice in Notice.objects.all()] == ([mail] if mail else [])
    assert len(mails()) == bool(mail)
    if what in ("erased", "bounced", "complained"):  # Until it is confirmed.
        assert suppressing.reason_of(VIRA) == what
    if what == "bounced":
        assert Subscription.objects.get().is_pending


def test_one_who_has_a_letter_confirms_the_second_by_itself(reader, letter, story):
    make.subscription(make.subscriber(VIRA), newsletter=letter)
    make.newsletter(slug="the-day")

    send(reader, "/newsletters/the-day/", address="VIRA@Reader.example")

    assert Subscriber.objects.count() == 1
    assert [s.is_active for s in Subscription.objects.all()] == [True, False]
    assert [notice.kind for notice in Notice.objects.all()] == [Notice.Kind.CONFIRM]


def test_asking_for_what_one_has_changes_nothing_of_it(reader, letter):
    known_as("active", letter)
    before = Subscription.objects.values().get()

    send(reader, cadence="weekly")

    assert Subscription.objects.values().get() == before
    assert not Consent.objects.exists()


def test_asking_again_sends_the_mail_again_and_the_newest_choice_counts(reader, letter):
    send(reader, cadence="daily")
    minutes_pass(11)

    send(reader, cadence="weekly")

    assert len(mails()) == 2
    assert Subscription.objects.get().cadence == "weekly"
    assert [consent.act for consent in Consent.objects.all()] == ["asked", "asked"]


def test_one_who_left_and_asks_again_before_the_last_mail_went_still_gets_it(reader, letter):
    send(reader)
    send(reader)
    assert list(Notice.objects.values_list("state", flat=True)) == ["due", "sent"]
    subscription = Subscription.objects.get()
    signing_up.confirm(subscription, page="/")
    leaving.leave(subscription, method=Consent.Method.LINK)

    send(reader)

    assert Subscription.objects.get().is_pending


# Limits.


def test_one_address_is_mailed_once_in_ten_minutes_and_three_times_a_day(letter, record_property, settings):
    settings.SIGN_UPS_PER_LETTER = 2_000
    letters = [letter, *(make.newsletter(topic=make.topic()) for _ in range(29))]
    answers, sent_at = set(), []
    for n in range(1_000):
        if n and n % 100 == 0:  # A tenth of ten minutes has passed, ten times.
            minutes_pass(1)
            notices.send_due()
        network = f"198.51.{n // 2 // 250}.{n // 2 % 250}"
        client = Client(REMOTE_ADDR=network)
        answer = send(client, f"/newsletters/{letters[n % 30].slug}/")
        answers.add((answer.status_code, answer["Location"], answer.content))
        sent_at.append(len(mails()))

    record_property("mails to one address after 1,000 sign-ups in 10 minutes", len(mails()))
    assert answers == {(303, ANSWER, b"")}
    assert sent_at[0] == 1 and sent_at[-1] == 1
    for _ in range(20):
        minutes_pass(10)
        notices.send_due()
    assert len(mails()) == 3
    assert Consent.objects.count() <= 33


def test_a_network_that_sends_too_much_is_asked_to_wait_and_keeps_what_was_typed(reader, letter, settings):
    settings.SIGN_UPS_PER_HOUR = 2
    now = 3600 * 500_000 + 600
    with patch("articles.public_post.time.time", return_value=now):
        # One step more is not counted.
        codes = [
            reader.post(ROAD, {"address": VIRA, "token": t}).status_code for t in ("", token_at(now), token_at(now))
        ]
        answer = send(reader, token=token_at(now), cadence="weekly")

    assert codes == [200, 303, 303]
    assert (answer.status_code, answer["Retry-After"]) == (429, "3000")
    assert "try again in 50 minutes" in words_of(answer.text)
    form = Form(reader, ROAD, ok(answer))
    assert (form["address"], form["cadence"]) == ([VIRA], ["weekly"])
    assert Client().post(ROAD, {"address": VIRA, "token": ripe()}, REMOTE_ADDR="192.0.2.2").status_code == 303


def token_at(now: float) -> str:
    return form_tokens.issue(at=now - 10)


def ok(answer):
    """So that a form is read from a refusal."""
    answer.status_code = 200
    return answer


def test_a_letter_takes_so_many_sign_ups_an_hour(reader, letter, story, settings):
    settings.SIGN_UPS_PER_LETTER = 2
    asked(letter, minutes_ago=50)
    asked(letter, minutes_ago=61)
    assert send(reader).status_code == 303

    answer = send(reader, address="anna@reader.example")

    assert answer.status_code == 429
    assert 590 < int(answer["Retry-After"]) <= 601 and "in 10 minutes" in words_of(answer.text)
    assert send(reader, FOLLOW).status_code == 303
    assert Subscriber.objects.filter(address="anna@reader.example").count() == 0


def asked(letter, minutes_ago: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    said = {"act": Consent.Act.ASKED, "method": Consent.Method.FORM, "at": at}
    Consent.objects.create(subscriber=make.subscriber(), newsletter=letter, **said)


# Addresses.


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "vira", "vira@", "@reader.example", "a@b@c.example", "vira@localhost", "vira@reader..example"),
        *("a@b.example\r\nBcc: c@d.example", "a@b.example\nc@d.example", "a@b.example, c@d.example"),
        *("a@b.example;c@d.example", '"a b"@b.example', '"a@b"@c.example', "a\x00@b.example", "a@b.example\x00"),
        *(
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "Vira <a@b.example>",
            "a b@c.example",
            "a%0d%0a@b.example\r\n.",
            "é@b.example",
        ),
        *(
            "a@b.example\u2028",
            "<a@b.example>",
            "a(comment)@b.example",
            f"{'a' * 250}@b.example",
            "a@b.example" * 99,
        ),
    ],
)
def test_what_is_not_one_address_is_said_so_and_stays_in_the_form(reader, letter, typed):
    answer = send(reader, address=typed)

    assert answer.status_code == 200 and "Not sent yet." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not Subscriber.objects.exists() and not OutboxMail.objects.exists()
    if not re.search("[\x00\r\n\u2028]", typed):
        assert Form(reader, ROAD, answer)["address"] == [typed]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" vira@reader.example ", VIRA),
        ("vira+news@READER.example", "vira+news@reader.example"),
        ("vira@пошта.example", "vira@xn--80a1acn3a.example"),
        ("vira%relay@reader.example", "vira%relay@reader.example"),
        ("o'neil@mailinator.com", "o'neil@mailinator.com"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example", None),
    ],
)
def test_an_address_is_kept_in_one_way_and_mailed_to_alone(reader, letter, typed, kept):
    assert send(reader, address=typed).status_code == 303

    assert Subscriber.objects.get().address == (kept or typed)
    [mail] = OutboxMail.objects.all()
    message = message_from_bytes(bytes(mail.raw), policy=email.policy.default)
    assert message["To"].strip() == mail.to == (kept or typed)
    assert not message["Cc"] and not message["Bcc"]


@pytest.mark.parametrize("length", [254, 255])
def test_an_address_has_254_characters_at_most(reader, letter, length):
    domain = f"{'b' * 63}.{'c' * 63}.{'d' * (length - 64 - 1 - 63 - 1 - 63 - 1 - 8)}.example"
    address = f"{'a' * 64}@{domain}"
    assert len(address) == length

    assert send(reader, address=address).status_code == (303 if length == 254 else 200)


# What is recorded.


def test_who_asks_agrees_to_the_words_that_stood_there(reader, letter, settings):
    box = Form(reader, "/newsletters/")
    Wording.objects.create(newsletter=letter, version=2, text="We write more often.")

    box.send(address=VIRA, token=ripe(), page="/ukraine/drone-deal/")

    consent = Consent.objects.get()
    assert (consent.act, consent.method, consent.wording.version) == ("asked", "form", 1)
    assert (consent.newsletter, consent.page, consent.network) == (letter, "/ukraine/drone-deal/", "")
    assert timezone.now() - consent.at < timedelta(minutes=1)


@pytest.mark.parametrize("wording", ["", "0", "3", "-1", "abc", "9" * 30, "１"])
def test_a_version_that_is_none_is_the_newest(reader, letter, wording):
    Wording.objects.create(newsletter=letter, version=2, text="We write more often.")

    send(reader, wording=wording)

    assert Consent.objects.get().wording.version == 2


@pytest.mark.parametrize(
    "page", ["", "https://evil.example/", "//evil.example/", "/a\x00b/", "/" + "a" * 400, "/?q=a"]
)
def test_a_page_that_is_none_is_that_of_the_form(reader, letter, page):
    send(reader, page=page)

    assert Consent.objects.get().page == ROAD


@pytest.mark.parametrize(
    ("client_is_at", "kept"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("unix:", "")],
)
def test_half_of_the_network_is_kept_where_it_is_wanted(reader, letter, settings, client_is_at, kept):
    settings.CONSENT_KEEPS_NETWORK = True

    reader.post(ROAD, {"address": VIRA, "token": ripe()}, REMOTE_ADDR=client_is_at)

    assert Consent.objects.get().network == kept


def test_following_a_story_has_words_of_its_own(reader, story):
    send(reader, FOLLOW)

    consent = Consent.objects.get()
    assert (consent.article, consent.newsletter, consent.wording.newsletter) == (story, None, None)
    assert consent.wording.text in words_of(reader.get(FOLLOW).text)


def test_a_consent_cannot_be_changed(reader, letter):
    send(reader)

    with pytest.raises(Exception, match="never changed"), transaction.atomic():
        Consent.objects.update(page="/elsewhere/")


def test_neither_address_nor_token_is_in_a_log(reader, letter, caplog):
    caplog.set_level("DEBUG")
    token = ripe()

    send(reader, token=token)
    send(reader, token=token)

    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert VIRA not in said and token not in said


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_one_reader_with_one_mail():
    letter = make.newsletter(slug="ukraine")
    codes, forms = [], [{"address": address, "token": ripe()} for address in (VIRA, "Vira@reader.example") * 4]

    def ask(form):
        try:
            codes.append(Client(raise_request_exception=False).post(ROAD, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[form]) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [303] * 8
    assert Subscriber.objects.count() == 1
    assert Subscription.objects.get().newsletter == letter
    assert len(mails("reader.example")) == 1


def test_the_database_knows_an_address_once():
    make.subscriber(VIRA)

    with pytest.raises(IntegrityError), transaction.atomic():
        make.subscriber(VIRA.upper())
