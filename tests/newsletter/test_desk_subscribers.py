"""Subscribers at the desk: found by the beginning of the address and by filters, and one of them on one page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from articles import publishing
from articles.models import Article
from newsletter import leaving, signing_up, subscriber_list
from newsletter.models import Consent, Notice, Subscriber, Subscription, Suppression
from newsletter.subscriber_list import Asked
from tests import make

pytestmark = pytest.mark.django_db

LIST = "/desk/newsletter/subscriber/"


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff", username="sofia"))


def shown(desk, **asked) -> str:
    answer = desk.post(LIST, asked, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def subscribed(address: str, letter, **fields) -> Subscription:
    fields = {"confirmed_at": timezone.now(), **fields}
    return Subscription.objects.create(subscriber=make.subscriber(address), newsletter=letter, **fields)


def page_of(person: Subscriber, road: str = "change") -> str:
    return f"{LIST}{person.pk}/{road}/"


def test_an_address_is_found_by_its_beginning_in_any_case(desk):
    make.subscriber("Anna@example.org")
    make.subscriber("johanna@example.org")

    page = shown(desk, address="aNN")

    assert "Anna@example.org" in page
    assert "johanna@example.org" not in page


@pytest.mark.parametrize("typed", ["%", "_nna", "\x00", "a" * 5_000, "' OR 1=1"])
def test_what_is_typed_is_taken_word_for_word(desk, typed):
    make.subscriber("anna@example.org")

    page = shown(desk, address=typed)

    assert ("anna@example.org" in page) == (typed == "\x00")


def test_an_address_is_never_searched_by_a_link(desk):
    """Links are kept by logs and by the browser."""
    make.subscriber("anna@example.org")
    make.subscriber("boris@example.org")

    page = desk.get(LIST, {"address": "anna"}).content.decode()

    assert "boris@example.org" in page
    assert "?address" not in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "active daily weekly paused pending left back elsewhere"),
        ({"state": "active"}, "active daily weekly paused elsewhere"),
        ({"state": "pending"}, "pending back"),
        ({"state": "left"}, "left"),
        ({"state": "paused"}, "paused"),
        ({"cadence": "weekly"}, "weekly elsewhere"),
        ({"state": "active", "cadence": "weekly"}, "weekly elsewhere"),
        ({"letter": True}, "active daily weekly paused pending left back"),
        ({"letter": True, "state": "active"}, "active daily weekly paused"),
        ({"letter": True, "cadence": "weekly"}, "weekly"),
        ({"letter": True, "state": "left", "cadence": "weekly"}, ""),
        ({"letter": True, "state": "paused"}, "paused"),
        ({"address": "p", "state": "active"}, "paused"),
        ({"address": "p", "letter": True, "state": "pending"}, "pending"),
    ],
)
def test_filters_narrow_the_list(desk, asked, found):
    letter, other = make.newsletter(), make.newsletter(topic=make.topic())
    now = timezone.now()
    long_ago, yesterday = now - timedelta(days=9), now - timedelta(days=1)
    for name, fields in {
        "active": {"cadence": "each"},
        "daily": {"cadence": "daily"},
        "weekly": {"cadence": "weekly"},
        "paused": {},
        "pending": {"confirmed_at": None},
        "left": {"asked_at": long_ago, "confirmed_at": long_ago, "left_at": yesterday},
        "back": {"asked_at": now, "confirmed_at": long_ago, "left_at": yesterday},
    }.items():
        subscribed(f"{name}@example.org", letter, **fields)
    subscribed("elsewhere@example.org", other, cadence="weekly")
    Subscriber.objects.filter(address="paused@example.org").update(paused_until=now + timedelta(days=1))
    Subscriber.objects.filter(address="daily@example.org").update(paused_until=yesterday)

    page = shown(desk, **({**asked, "letter": letter.pk} if asked.get("letter") else asked))

    names = ["active", "daily", "weekly", "paused", "pending", "left", "back", "elsewhere"]
    assert [name for name in names if f">{name}@example.org<" in page] == found.split()


def test_pages_follow_each_other_without_a_gap_and_newest_first(desk, django_assert_max_num_queries):
    letter = make.newsletter()
    people = Subscriber.objects.bulk_create(Subscriber(address=f"p{n:03}@example.org") for n in range(120))
    Subscription.objects.bulk_create(
        Subscription(subscriber=person, newsletter=letter, confirmed_at=timezone.now()) for person in people
    )
    seen, asked = [], {"letter": letter.pk}

    while True:
        with django_assert_max_num_queries(8):
            answer = desk.get(LIST, asked)
        seen += [row["subscriber"].address for row in answer.context["rows"]]
        if answer.context["before"] is None:
            break
        asked["before"] = answer.context["before"]

    assert seen == [f"p{n:03}@example.org" for n in reversed(range(120))]


def test_who_has_several_letters_stands_in_the_list_once(desk):
    person = make.subscriber("anna@example.org")
    for cadence in ["each", "daily", "daily"]:
        letter = make.newsletter(topic=make.topic())
        make.subscription(person, newsletter=letter, cadence=cadence)

    assert shown(desk, state="active").count(">anna@example.org<") == 1


def test_a_page_is_full_of_people_however_many_letters_each_has():
    letters = [make.newsletter(topic=make.topic()) for _ in range(3)]
    people = [make.subscriber() for _ in range(3)]
    for person in people:
        for letter in letters:
            make.subscription(person, newsletter=letter)

    rows, before = subscriber_list.page(Asked(state="active"), size=2)

    assert rows == [people[2], people[1]]
    assert before == people[1].pk


def test_a_beginning_of_too_many_addresses_says_so(desk, monkeypatch):
    monkeypatch.setattr("newsletter.subscriber_list.LOOKED_THROUGH", 2)
    for name in "abc":
        make.subscriber(f"p{name}@example.org")

    page = shown(desk, address="p")

    assert "More than 2 addresses begin like this" in page
    assert "pc@example.org" not in page
    assert "pc@example.org" in shown(desk, address="pc")


@pytest.mark.parametrize("odd", [{"letter": "x"}, {"state": "gone"}, {"cadence": "hourly"}, {"before": "-1"}])
def test_an_odd_filter_leads_nowhere(desk, odd):
    assert desk.post(LIST, odd).status_code == 404
    assert desk.get(LIST, odd).status_code == 404


def test_one_page_tells_a_whole_history_newest_first(desk):
    letter = make.newsletter("Get the harbour update")
    signing_up.ask("anna@example.org", newsletter=letter, language="uk", page="/harbour/strike/")
    subscription = Subscription.objects.get()
    signing_up.confirm(subscription, page="/newsletters/confirm/")
    subscription.refresh_from_db()
    leaving.leave(subscription, method=Consent.Method.FORM, reason="Too many.")

    page = desk.get(page_of(subscription.subscriber)).content.decode()

    history = page[page.index('id="history"') :]
    order = [history.index(f"<b>{said}") for said in ("Unsubscribed", "Confirmed", "Asked")]
    assert order == sorted(order)
    assert "Ukrainian" in page
    for said in ["Get the harbour update", "wording 1", "on /harbour/strike/", "Too many.", "Mail “Unsubscribed”"]:
        assert said in history


def test_staff_end_a_subscription_and_say_why(desk):
    subscription = subscribed("anna@example.org", make.newsletter())
    person = subscription.subscriber

    without = desk.post(page_of(person), {"do": "leave", "subscription": subscription.pk, "reason": " "})
    assert without.status_code == 400
    assert "Please write why" in without.content.decode()
    desk.post(page_of(person), {"do": "leave", "subscription": subscription.pk, "reason": "Asked by phone."})

    subscription.refresh_from_db()
    consent = person.consents.get()
    assert not subscription.is_active
    assert (consent.act, consent.method, consent.reason) == ("left", "staff", "Asked by phone.")
    assert consent.by.username == "sofia"
    assert "by sofia" in desk.get(page_of(person)).content.decode()


def test_nobody_ends_the_subscription_of_somebody_else_by_this_page(desk):
    subscription = subscribed("anna@example.org", make.newsletter())
    other = make.subscriber("boris@example.org")

    answer = desk.post(page_of(other), {"do": "leave", "subscription": subscription.pk, "reason": "A mistake."})

    subscription.refresh_from_db()
    assert answer.status_code == 404
    assert subscription.is_active


def test_the_link_is_sent_again(desk):
    person = subscribed("anna@example.org", make.newsletter()).subscriber

    desk.post(page_of(person), {"do": "link"})

    assert person.notices.get().kind == Notice.Kind.LINK


def test_erasing_is_asked_twice_and_leaves_no_address_in_the_log_of_the_desk(desk):
    person = subscribed("anna@example.org", make.newsletter()).subscriber

    assert "Erase for good" in desk.get(page_of(person, "erase")).content.decode()
    assert Subscriber.objects.exists()
    desk.post(page_of(person, "erase"))

    assert not Subscriber.objects.exists()
    assert Suppression.objects.count() == 1
    entry = LogEntry.objects.get()
    assert "anna" not in f"{entry.object_repr} {entry.change_message}"


def csv_of(desk, **asked) -> list[str]:
    answer = desk.post(f"{LIST}export/", asked)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode().splitlines()


def test_an_export_has_what_the_list_has(desk):
    letter = make.newsletter("Harbour")
    asked = datetime(2026, 4, 15, 9, 0, tzinfo=UTC)
    subscribed("anna@example.org", letter, asked_at=asked, confirmed_at=asked, cadence="weekly")
    subscribed("boris@example.org", letter, confirmed_at=None)
    subscribed("anna2@example.org", make.newsletter("Other", topic=make.topic()))

    first, *rows = csv_of(desk, letter=letter.pk, state="active")

    assert first.startswith("\ufeffaddress,language,letter,state,cadence,asked_at")
    (row,) = rows
    assert row.startswith("anna@example.org,en-gb,Harbour,active,weekly,2026-04-15T09:00:00+00:00,")


def test_an_export_of_many_batches_has_everyone_once(desk, monkeypatch):
    monkeypatch.setattr("newsletter.subscriber_list.ROWS_IN_BATCH", 3)
    letter = make.newsletter()
    for n in range(10):
        subscribed(f"p{n}@example.org", letter)

    rows = csv_of(desk)[1:]

    assert sorted(row.split(",")[0] for row in rows) == [f"p{n}@example.org" for n in range(10)]


@pytest.mark.parametrize("sign", "=+-@")
def test_no_cell_of_an_export_is_a_formula(desk, sign):
    subscribed(f"{sign.replace('@', 'a')}cmd@example.org", make.newsletter(f"{sign}cmd|calc"))

    (row,) = csv_of(desk)[1:]

    address, _, letter, *_ = row.split(",")
    assert letter == f"'{sign}cmd|calc"
    assert address == ("acmd@example.org" if sign == "@" else f"'{sign}cmd@example.org")


def test_an_export_is_kept_on_record_without_an_address(desk):
    csv_of(desk, address="anna@example.org")

    assert "anna" not in str(LogEntry.objects.values_list("change_message", "object_repr").get())


@pytest.mark.parametrize("role", ["reporter", "editor", None])
def test_nobody_else_sees_subscribers(client_for, role):
    person = subscribed("anna@example.org", make.newsletter()).subscriber
    desk = client_for(make.user(role))

    for road in [LIST, page_of(person), page_of(person, "erase"), "/desk/newsletter/newsletter/"]:
        assert desk.get(road).status_code == 403
    assert desk.post(f"{LIST}export/").status_code == 403
    assert desk.post(page_of(person, "erase")).status_code == 403
    assert Subscriber.objects.exists()


def test_looking_is_not_exporting(client_for):
    looker = make.user()
    looker.user_permissions.add(Permission.objects.get(codename="view_subscriber"))
    desk = client_for(looker)

    assert "Export" not in desk.get(LIST).content.decode()
    assert desk.post(f"{LIST}export/").status_code == 403


def test_a_story_is_called_as_readers_know_it_never_as_it_is_being_written(desk):
    story = make.published("What readers have")
    draft = make.published("Gone for good")
    reader = make.subscription(article=story).subscriber
    make.subscription(reader, article=draft)
    Article.objects.filter(pk=story.pk).update(headline="What nobody may know")
    publishing.withdraw(draft, by=make.editor(), base=1, note="Our source was forged.")
    for article in (story, draft):
        Consent.objects.create(subscriber=reader, article=article, act="confirmed", method="link")

    pages = [desk.get(LIST), desk.get(page_of(reader))]
    file = b"".join(desk.post(f"{LIST}export/").streaming_content).decode()

    for shown in [*(page.content.decode() for page in pages), file]:
        assert "What readers have" in shown
        assert "What nobody may know" not in shown and "Gone for good" not in shown
