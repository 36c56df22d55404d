"""The order of the public front page: put together at the desk, seen by readers until each pin ends."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from articles import front_order, publishing
from articles.front_order import OrderMoved, Pin
from articles.models import Desk
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ORDER = "/desk/articles/article/front-page-order/"


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


def on_the_front_page(reader) -> list[str]:
    main = reader.get("/").text.split("<main")[1]
    return re.findall(r">(Story \w+)<", main)


def pins() -> list[str]:
    return [desk.article.headline for desk in Desk.objects.filter(pin__isnull=False).order_by("pin")]


def stories(*names):
    return [make.published(f"Story {name}") for name in names]


def local(**fields) -> str:
    return (timezone.localtime() + timedelta(**fields)).strftime("%Y-%m-%dT%H:%M")


def press(form: Form, button: str, **changes) -> Form:
    """Press one of the page's buttons, as a browser without scripts does."""
    return Form(form.client, ORDER, form.send(do=button, **changes))


def pinned_on(form: Form) -> list[str]:
    """The stories of the first list, in the order of the page."""
    rows = form.html.split("data-pinned>")[1].split("</ol>")[0]
    return re.findall(r"<b data-headline><bdi>(.*?)</bdi>", rows)


def test_readers_see_the_stories_in_the_order_of_their_numbers(desk, reader):
    a, b, c, d = stories("a", "b", "c", "d")

    Form(desk, ORDER).send(**{f"place-{b.pk}": "2", f"place-{a.pk}": "1"})
    assert on_the_front_page(reader) == ["Story a", "Story b", "Story d", "Story c"]

    Form(desk, ORDER).send(
        **{f"place-{b.pk}": "1", f"place-{a.pk}": "", f"place-{d.pk}": "7", f"place-{c.pk}": "3"}
    )
    assert on_the_front_page(reader) == ["Story b", "Story c", "Story d", "Story a"]


def test_the_buttons_work_without_scripts_and_save_nothing_by_themselves(desk):
    a, b, c = stories("a", "b", "c")

    form = Form(desk, ORDER)
    for story in (a, b, c):
        form = press(form, f"pin-{story.pk}")
    assert pinned_on(form) == ["Story a", "Story b", "Story c"]
    form = press(form, f"up-{c.pk}")
    form = press(form, f"up-{c.pk}")
    form = press(form, f"up-{c.pk}")
    form = press(form, f"down-{a.pk}")
    form = press(form, f"unpin-{b.pk}")
    assert pinned_on(form) == ["Story c", "Story a"]
    assert pins() == []

    form.send(do="save")
    assert pins() == ["Story c", "Story a"]


def test_a_button_keeps_what_is_typed_elsewhere(desk):
    a, b = stories("a", "b")
    form = press(press(Form(desk, ORDER), f"pin-{a.pk}"), f"pin-{b.pk}", **{f"until-{a.pk}": local(hours=3)})

    press(form, f"up-{b.pk}").send(do="save")

    assert pins() == ["Story b", "Story a"]
    assert Desk.objects.get(article=a).pinned_until > timezone.now() + timedelta(hours=2, minutes=58)


def test_any_story_is_found_by_its_headline_and_pinned(desk):
    [wanted] = stories("wanted")
    publishing.settle(wanted, by=make.editor(), base=1, note="Done.")
    for number in range(20):
        make.published(f"Other {number}", key_points=[], sections=[], sources=[])

    form = Form(desk, ORDER)
    assert "Story wanted" not in form.html
    press(press(form, "find", words="WANTED"), f"pin-{wanted.pk}").send(do="save")

    assert pins() == ["Story wanted"]


def test_words_that_no_headline_has_find_nothing_and_break_nothing(desk):
    stories("a")

    form = press(Form(desk, ORDER), "find", words="100%_\x00 nothing")

    assert "No other story has these words" in form.html


def test_drafts_and_withdrawn_stories_cannot_be_pinned(desk):
    draft = make.story("Story draft")
    [gone] = stories("gone")
    publishing.withdraw(gone, by=make.user("chief"), base=1, note="It was staged.")

    form = Form(desk, ORDER)
    assert "Story draft" not in form.html and "Story gone" not in form.html
    form.send(**{f"place-{draft.pk}": "1", f"place-{gone.pk}": "2"})

    assert pins() == []


def test_a_story_withdrawn_meanwhile_is_told_of_and_the_rest_of_the_order_kept(desk):
    a, b = stories("a", "b")
    form = press(press(Form(desk, ORDER), f"pin-{a.pk}"), f"pin-{b.pk}")
    publishing.withdraw(a, by=make.user("chief"), base=1, note="It was staged.")

    answer = form.send(do="save")

    assert "was withdrawn meanwhile" in answer.text
    assert pinned_on(Form(desk, ORDER, answer)) == ["Story b"]
    assert pins() == []


def test_a_pin_ends_by_itself(desk, reader):
    a, _ = stories("a", "b")
    Form(desk, ORDER).send(**{f"place-{a.pk}": "1", f"until-{a.pk}": local(hours=1)})
    assert on_the_front_page(reader) == ["Story a", "Story b"]
    pinned = reader.get("/")

    Desk.objects.filter(article=a).update(pinned_until=timezone.now() - timedelta(seconds=1))

    assert on_the_front_page(reader) == ["Story b", "Story a"]
    assert reader.get("/").headers["ETag"] != pinned.headers["ETag"]
    assert pinned_on(Form(desk, ORDER)) == []


def test_the_front_page_kept_in_the_cache_is_another_when_the_order_is(desk, reader):
    a, _ = stories("a", "b")
    first = reader.get("/")
    Form(desk, ORDER).send(**{f"place-{a.pk}": "1"})
    second = reader.get("/", headers={"if-none-match": first.headers["ETag"]})

    assert second.status_code == 200
    assert reader.get("/", headers={"if-none-match": second.headers["ETag"]}).status_code == 304


def test_an_end_is_typed_in_the_newsrooms_own_zone(desk, settings):
    settings.TIME_ZONE = "Asia/Kolkata"
    [a] = stories("a")
    form = Form(desk, ORDER)
    assert "(Asia/Kolkata)" in form.html
    typed = (timezone.now() + timedelta(hours=5, minutes=30, days=1)).strftime("%Y-%m-%dT%H:%M")

    form.send(**{f"place-{a.pk}": "1", f"until-{a.pk}": typed})

    assert abs(Desk.objects.get().pinned_until - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)
    assert Form(desk, ORDER)[f"until-{a.pk}"] == [typed]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2027-03-28T02:30", "There is no 02:30 on 28 March 2027: the clocks go forward. Type 01:30 or 03:30."),
        ("2027-10-31T02:30", "02:30 comes twice on 31 October 2027: the clocks go back. Type 01:30 or 03:30."),
        ("2020-01-01T10:00", "This end has passed; choose a later one, or leave it empty."),
        ("0001-01-01T00:00", "This end has passed"),
        ("9999-12-31T23:59", "That is years away"),
        ("soon", "Write the end as a date and a time, or leave it empty."),
        ("\x00", "Write the end as a date and a time"),
    ],
)
def test_an_end_that_cannot_be_is_answered_with_a_sentence(desk, settings, typed, said, monkeypatch):
    settings.TIME_ZONE = "Europe/Berlin"
    noon = timezone.now().replace(year=2026, month=11, day=1)
    monkeypatch.setattr("articles.admin.front_order.timezone.now", lambda: noon)
    [a] = stories("a")

    answer = Form(desk, ORDER).send(**{f"place-{a.pk}": "1", f"until-{a.pk}": typed})

    assert said in unescape(answer.text)
    assert pinned_on(Form(desk, ORDER, answer)) == ["Story a"]
    assert pins() == []


def test_the_later_of_two_editors_is_told_and_loses_nothing(desk, client_for):
    a, b, c = stories("a", "b", "c")
    mine, theirs = Form(desk, ORDER), Form(client_for(make.editor()), ORDER)
    theirs.send(**{f"place-{a.pk}": "1"})

    answer = mine.send(**{f"place-{b.pk}": "1", f"place-{c.pk}": "2", f"until-{c.pk}": (end := local(days=2))})

    assert answer.status_code == 409
    assert "Somebody else changed the order while you were looking" in answer.text
    assert "Story a" in answer.text.split('id="theirs"')[1].split("</section>")[0]
    assert pins() == ["Story a"]
    again = Form(desk, ORDER, answer)
    assert pinned_on(again) == ["Story b", "Story c"] and again[f"until-{c.pk}"] == [end]
    again.send(do="save")
    assert pins() == ["Story b", "Story c"]


def test_saving_the_same_order_again_is_no_conflict(desk):
    [a] = stories("a")
    form = Form(desk, ORDER)
    form.send(**{f"place-{a.pk}": "1"})

    assert Form(desk, ORDER).send(do="save").status_code == 302
    assert pins() == ["Story a"]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_wins_and_the_others_are_told():
    all_of_them = stories("a", "b", "c", "d")
    editor, seen = make.editor(), front_order.seen()

    def save(story):
        try:
            front_order.pin([Pin(story.pk)], by=editor, seen_as=seen)
            return 1
        except OrderMoved:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(save, all_of_them))

    assert sum(won) == 1
    assert pins() == [all_of_them[won.index(1)].headline]


@pytest.mark.parametrize("role", ["reporter", "letters staff"])
def test_only_who_may_publish_orders_the_front_page(client_for, role):
    [a] = stories("a")
    user = make.user(role)
    client = client_for(user)

    assert client.get(ORDER).status_code == 403
    assert client.post(ORDER, {f"place-{a.pk}": "1", "seen": front_order.seen()}).status_code == 403
    assert ORDER not in client.get("/desk/").text
    with pytest.raises(PermissionDenied):
        front_order.pin([Pin(a.pk)], by=user, seen_as=front_order.seen())
    assert pins() == []


@pytest.mark.parametrize(
    "sent",
    [
        {"place-abc": "1"},
        {"place-99999999999999999999": "1"},
        {"place-0": "1"},
        {"do": "up-99"},
        {"do": "nonsense"},
        {"do": "pin-"},
        {"seen": "nothing"},
        {},
    ],
)
def test_odd_forms_change_nothing(desk, sent):
    [a] = stories("a")
    Form(desk, ORDER).send(**{f"place-{a.pk}": "1"})

    answer = desk.post(ORDER, urlencode(sent), content_type="application/x-www-form-urlencoded")

    assert answer.status_code in (200, 409)
    assert pins() == ["Story a"]


def test_the_queries_do_not_grow_with_the_stories(desk, django_assert_num_queries):
    """Session, user, two for permissions; pinned, the order as it is, others."""
    [a, *_] = stories("a", "b")
    Form(desk, ORDER).send(**{f"place-{a.pk}": "1"})
    with django_assert_num_queries(7):
        desk.get(ORDER)

    more = stories(*"cdefgh")
    Form(desk, ORDER).send(**{f"place-{story.pk}": "1" for story in more[:3]})
    with django_assert_num_queries(7):
        desk.get(ORDER)
