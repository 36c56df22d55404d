"""A reader leaves: by one click, by the button, and not because a program followed a link."""

import re
from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from newsletter import emails, leaving, signing_up, suppressing, tokens
from newsletter.models import Consent, Delivery, Issue, Notice, Subscriber, Subscription, Suppression
from tests import make

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URLENCODED = "application/x-www-form-urlencoded"
SCANNERS = [
    "Mozilla/5.0 (compatible; MSIE 9.0) SafeLinks",
    "ProofpointURLDefense/1.0",
    "Mozilla/5.0 (compatible; BingPreview/1.0b)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
]


@pytest.fixture(autouse=True)
def nobody_has_sent_anything():
    cache.clear()


@pytest.fixture
def subscription():
    return make.subscription(make.subscriber("vira@reader.example"), newsletter=make.newsletter())


def road_of(subscription) -> str:
    return f"/newsletters/leave/{tokens.token(tokens.Purpose.LEAVE, subscription.name_in_links)}/"


def preferences_of(subscriber) -> str:
    return f"/newsletters/preferences/{tokens.token(tokens.Purpose.PREFERENCES, subscriber.digest)}/"


def has_left(subscription) -> bool:
    return Subscription.objects.left().filter(pk=subscription.pk).exists()


def left_on_record(subscription):
    return Consent.objects.filter(subscriber=subscription.subscriber, act=Consent.Act.LEFT)


def test_a_reader_leaves_by_the_button_and_may_say_why(reader, subscription):
    page = reader.get(road_of(subscription)).text
    assert subscription.newsletter.title in page and "why" in page

    answer = reader.post(road_of(subscription), {"why": "often", "words": "Twice a day!"})

    assert answer.status_code == 200 and "You have unsubscribed" in answer.text
    assert subscription.newsletter.get_absolute_url() in answer.text
    assert has_left(subscription)
    consent = left_on_record(subscription).get()
    assert (consent.method, consent.reason) == ("link", "It came too often: Twice a day!")
    assert consent.page == "/newsletters/leave/"
    assert Notice.objects.get().kind == Notice.Kind.LEFT
    assert "You have unsubscribed" in reader.get(road_of(subscription)).text


@pytest.mark.parametrize("sent", [{}, {"why": "because"}, {"words": "\x00"}])
def test_no_reason_keeps_anybody_from_leaving(reader, subscription, sent):
    assert reader.post(road_of(subscription), sent).status_code == 200

    assert has_left(subscription) and left_on_record(subscription).get().reason == ""


def test_of_a_long_reason_its_beginning_is_kept(reader, subscription):
    reader.post(road_of(subscription), {"words": "x" * 1_001})

    assert left_on_record(subscription).get().reason == "x" * 1_000


def test_the_link_that_works_for_ever_leads_to_nothing_else_of_that_person(reader, subscription):
    before = reader.get(road_of(subscription)).text
    after = reader.post(road_of(subscription)).text

    assert "/newsletters/preferences/" not in before + after
    assert "/newsletters/your-link/" in before and "/newsletters/your-link/" in after


@pytest.mark.parametrize("is_multipart", [False, True])
def test_one_click_in_the_mail_program_is_enough(subscription, is_multipart):
    """RFC 8058: no cookie, nothing that tells where it comes from, no redirect; however often it is sent."""
    program = Client(enforce_csrf_checks=True)
    sent = (ONE_CLICK,) if is_multipart else ("List-Unsubscribe=One-Click", URLENCODED)

    answers = [program.post(road_of(subscription), *sent) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(answers[0].content) < 20 and not answers[0].cookies
    assert has_left(subscription)
    assert left_on_record(subscription).get().method == Consent.Method.ONE_CLICK
    assert not Notice.objects.exists()


def test_one_click_is_taken_wherever_it_comes_from(reader, subscription):
    elsewhere = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}

    answer = reader.post(road_of(subscription), ONE_CLICK, headers=elsewhere)

    assert answer.status_code == 200 and has_left(subscription)


def test_one_click_for_somebody_erased_since_is_taken(reader, subscription):
    road = road_of(subscription)
    Subscription.objects.all().delete()

    answers = [reader.post(road, ONE_CLICK), reader.get(road), reader.post(road)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "You get nothing of this from us" in answers[1].text and answers[2].content == answers[1].content


def test_a_link_to_leave_works_years_later(reader, subscription):
    with patch("django.core.signing.time.time", return_value=datetime(2024, 1, 1, tzinfo=UTC).timestamp()):
        road = road_of(subscription)
    assert road != road_of(subscription)

    assert reader.post(road).status_code == 200
    assert has_left(subscription)


@pytest.mark.parametrize("agent", SCANNERS)
def test_programs_that_follow_every_link_change_nothing(reader, subscription, agent):
    roads = [road_of(subscription), preferences_of(subscription.subscriber)]
    roads += [f"{roads[1]}my-data/", f"{roads[1]}erase/"]
    before = list(Subscription.objects.values()), list(Subscriber.objects.values())

    for road in roads:
        for method in ("get", "head", "options") * 5:
            answer = getattr(reader, method)(road, headers={"user-agent": agent, "purpose": "prefetch"})
            assert answer.status_code == (405 if method == "options" else 200)

    assert (list(Subscription.objects.values()), list(Subscriber.objects.values())) == before
    assert not Consent.objects.exists() and not Notice.objects.exists()
    reader.post(roads[0])
    assert has_left(subscription)


def test_what_was_never_confirmed_just_goes(reader):
    pending = make.subscription(is_active=False)

    reader.post(road_of(pending))

    assert not Subscription.objects.exists() and not Subscriber.objects.exists()
    assert not Suppression.objects.exists()


def test_a_mail_that_waits_goes_with_what_it_was_about(subscription):
    subscription.notices.create(subscriber=subscription.subscriber, kind=Notice.Kind.WELCOME)

    leaving.leave(subscription, method=Consent.Method.PROVIDER)
    leaving.leave(subscription, method=Consent.Method.PROVIDER)

    assert not Notice.objects.exists()
    assert left_on_record(subscription).count() == 1


def test_who_leaves_everything_is_told_once(reader, subscription):
    vira = subscription.subscriber
    make.subscription(vira, newsletter=make.newsletter(topic=make.topic()))

    reader.post(preferences_of(vira), {"do": "leave-everything"})

    mail = emails.message(Notice.objects.get())
    assert mail.subject == "You have unsubscribed from everything" and "/newsletters/preferences/" in mail.body
    assert Subscription.objects.left().count() == 2 == left_on_record(subscription).count()


def again(subscription):
    how = {"newsletter": subscription.newsletter, "language": "en", "page": "/"}
    signing_up.ask(subscription.subscriber.address, **how)
    subscription.refresh_from_db()
    return subscription


@pytest.mark.parametrize("reason", ["bounced", "left"])
def test_who_comes_back_has_to_confirm_afresh(subscription, reason):
    leaving.leave(subscription, method=Consent.Method.ONE_CLICK)
    suppressing.suppress(subscription.subscriber.address, reason)

    assert not again(subscription).is_active
    assert Notice.objects.get().kind == Notice.Kind.CONFIRM

    signing_up.confirm(subscription, page="/")
    subscription.refresh_from_db()
    assert subscription.is_active and not suppressing.reason_of("vira@reader.example")


def test_who_complained_stays_blocked(subscription):
    leaving.leave(subscription, method=Consent.Method.PROVIDER)
    suppressing.suppress(subscription.subscriber.address, Suppression.Reason.COMPLAINED)

    assert not again(subscription).is_pending
    assert not Notice.objects.exists()


def altered(token: str):
    """Every way in which a link can be wrong."""
    yield from (f"{token[:n]}{'A' if sign != 'A' else 'B'}{token[n + 1 :]}" for n, sign in enumerate(token))
    yield from (token[:n] for n in range(len(token)))
    yield from ("x" * 10_000, f"{token}x")


@pytest.mark.parametrize("purpose", tokens.Purpose)
def test_a_link_that_is_wrong_in_any_way_gets_one_answer(reader, subscription, purpose):
    subject = subscription.subscriber.digest if purpose == "preferences" else subscription.name_in_links
    token = tokens.token(purpose, subject)
    others = [tokens.token(other, subject) for other in tokens.Purpose if other != purpose]
    nobody = [] if purpose == "leave" else [tokens.token(purpose, "0" * 64)]
    with patch("django.core.signing.time.time", return_value=datetime(2024, 1, 1, tzinfo=UTC).timestamp()):
        expired = [] if purpose == "leave" else [tokens.token(purpose, subject)]
    assert reader.get(f"/newsletters/{purpose}/{token}/").status_code == 200

    answers = {
        (answer.status_code, answer.content, answer["Cache-Control"], answer["Referrer-Policy"])
        for bad in [*altered(token), *others, *expired, *nobody]
        for ask in (reader.get, reader.post)
        for answer in [ask(re.sub("/+", "/", f"/newsletters/{purpose}/{bad}/"))]
    }

    [(status, content, cache_control, referrer)] = answers
    assert status == 404 and "/newsletters/your-link/" in content.decode()
    assert (cache_control, referrer) == ("no-store", "strict-origin")


@pytest.mark.parametrize("purpose", tokens.Purpose)
def test_no_log_has_the_token_of_a_link(reader, caplog, purpose):
    reader.put(f"/newsletters/{purpose}/secret/")
    reader.get(f"/newsletters/{purpose}/secret/")

    assert "/…/" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize("purpose", tokens.Purpose)
def test_nor_has_that_of_the_web_server(purpose):
    conf = (settings.BASE_DIR / "deploy/nginx.conf").read_text()
    unlogged = re.findall(r"^    ~(\^/\S+) +0;$", conf, re.MULTILINE)

    assert any(re.match(pattern, f"/newsletters/{purpose}/secret/") for pattern in unlogged)


def follows_of(subscriber) -> str:
    return f"/newsletters/leave/{tokens.token(tokens.Purpose.LEAVE, f'follows-0-{subscriber.digest}')}/"


@pytest.fixture
def follower(subscription):
    """Who gets a letter, and follows two stories."""
    for headline in ("Talks begin", "A bridge opens"):
        make.subscription(subscription.subscriber, article=make.published(headline))
    return subscription.subscriber


def test_one_click_in_a_letter_to_followers_ends_every_story_and_no_letter(reader, follower, subscription):
    assert reader.post(follows_of(follower), ONE_CLICK).status_code == 200

    assert list(follower.subscriptions.active()) == [subscription]
    assert left_on_record(subscription).count() == 2
    assert not Notice.objects.exists()


def test_its_button_says_that_all_of_them_end(reader, follower, subscription):
    page = reader.get(follows_of(follower)).text
    assert "Every story you follow" in page and "Unfollow all" in page and "Talks begin" not in page

    answer = reader.post(follows_of(follower), {"why": "often"})

    assert "You follow no story any more" in answer.text
    assert list(follower.subscriptions.active()) == [subscription]
    assert "You follow no story any more" in reader.get(follows_of(follower)).text


def test_who_has_nothing_left_by_it_is_told_in_one_mail(reader, follower, subscription):
    leaving.leave(subscription, method=Consent.Method.PROVIDER)

    reader.post(follows_of(follower))

    notice = Notice.objects.get()
    assert (notice.kind, notice.subscription) == (Notice.Kind.LEFT, None)


def test_of_one_story_it_says_which(reader, subscription):
    story = make.subscription(subscription.subscriber, article=make.published("Talks begin"))

    assert "Talks begin" in reader.get(follows_of(subscription.subscriber)).text
    reader.post(follows_of(subscription.subscriber))

    assert has_left(story) and Notice.objects.get().subscription == story


def delivered(subscription) -> Delivery:
    issue = Issue.objects.create(newsletter=make.newsletter(topic=make.topic()))
    return issue.deliveries.create(subscriber=subscription.subscriber, subscription=subscription, state="sent")


@pytest.mark.parametrize("sent", [ONE_CLICK, {"why": "often"}])
def test_the_issue_by_which_somebody_left_counts_it(reader, subscription, sent):
    by_this, another = delivered(subscription), delivered(subscription)
    road = f"{road_of(subscription)}?issue={by_this.issue_id}"
    reader.get(road)
    by_this.refresh_from_db()
    assert by_this.left_at is None

    reader.post(road, sent)

    by_this.refresh_from_db(), another.refresh_from_db()
    assert by_this.left_at and not another.left_at


def test_who_had_left_before_is_not_counted_again(reader, subscription):
    delivery = delivered(subscription)
    leaving.leave(subscription, method=Consent.Method.LINK)

    reader.post(f"{road_of(subscription)}?issue={delivery.issue_id}", ONE_CLICK)

    delivery.refresh_from_db()
    assert delivery.left_at is None


@pytest.mark.parametrize("issue", ["", "x", "9" * 18, "9" * 5_000, "-1", "٣", "\x00"])
def test_no_issue_that_a_link_names_keeps_anybody_from_leaving(reader, subscription, issue):
    assert reader.post(f"{road_of(subscription)}?{urlencode({'issue': issue})}", ONE_CLICK).status_code == 200

    assert has_left(subscription)
