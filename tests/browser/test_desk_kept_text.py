"""What is typed on any other page of a story than its own, and never reached the desk: the browser has it."""

import pytest
from django.contrib.sessions.models import Session

from articles.models import Article
from tests import make
from tests.articles.forms import Form, road
from tests.browser.chromium import crash

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADD = "/desk/articles/article/add/"


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", lead="Five died in Rome on Monday.")


@pytest.fixture
def desk(page, story):
    """The window of a chief who is logged in."""
    make.user("chief", username="chief")
    page.goto("/desk/")
    log_in(page)
    page.wait_for_selector("#user-tools")
    return page


def log_in(page, name="chief"):
    page.fill("[name=username]", name)
    page.fill("[name=password]", name)
    page.click("form [type=submit]")


def killed_and_opened_again(page, address):
    """The tab dies without a word, and its page is opened in another."""
    again = page.context.new_page()
    crash(page)
    again.goto(address)
    return again


def offer(page):
    return page.locator("kept-text.offer")


def stored(page) -> int:
    return page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('typed:')).length")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("tighten", "#id_lead"),
        ("publish", "#id_private_note"),
        ("reconfirm", "#id_private_note"),
        ("settle", "#id_note"),
        ("withdraw", "#id_note"),
        ("withhold", "#id_last"),
        ("history/editions/1", "#id_reason"),
    ],
)
def test_a_killed_tab_loses_nothing_typed_there(desk, story, name, field):
    if name in ("publish", "history/editions/1"):
        Article.objects.filter(pk=story.pk).update(lead="Six died in Rome on Monday.")
    desk.goto(road(story, name))
    desk.fill(field, "12")

    again = killed_and_opened_again(desk, road(story, name))
    again.click("[data-bring-back]")

    assert again.input_value(field) == "12"
    assert offer(again).is_hidden()


def test_who_types_without_a_pause_loses_no_letter(desk, story):
    desk.goto(road(story, "tighten"))
    desk.fill("#id_lead", "")
    desk.locator("#id_lead").press_sequentially("Six died in Rome, she said.", delay=30)

    again = killed_and_opened_again(desk, road(story, "tighten"))
    again.click("[data-bring-back]")

    assert again.input_value("#id_lead") == "Six died in Rome, she said."


def test_a_new_story_is_kept_before_its_first_save_and_forgotten_after_it(desk, story):
    desk.goto(ADD)
    desk.fill("#id_headline", "Gas prices fall")
    again = killed_and_opened_again(desk, ADD)

    again.click("[data-bring-back]")
    assert again.input_value("#id_headline") == "Gas prices fall"
    again.select_option("#id_topic", index=1)
    again.select_option("#id_format", index=1)
    again.fill("#id_slug", "gas-prices")
    again.click("[name=_save]")
    again.wait_for_selector("story-rail")

    assert stored(again) == 0
    again.goto(ADD)
    assert offer(again).is_hidden()


def test_a_choice_and_its_text_come_back_together(desk, story):
    Article.objects.filter(pk=story.pk).update(lead="Six died in Rome on Monday.", why_it_matters="Much.")
    desk.goto(road(story, "publish"))
    desk.check("[name=kind][value=correction]")
    desk.uncheck("[name=goes][value=why_it_matters]")
    desk.fill("#id_wrong", "We said that five died.")

    again = killed_and_opened_again(desk, road(story, "publish"))
    again.check("[name=kind][value=typo]")
    again.click("[data-bring-back]")

    assert again.is_checked("[name=kind][value=correction]")
    assert not again.is_checked("[name=goes][value=why_it_matters]") and again.is_checked("[name=goes][value=lead]")
    assert again.input_value("#id_wrong") == "We said that five died." and again.is_visible("#id_wrong")


def test_the_promise_that_words_go_for_good_is_asked_for_again(desk, story):
    desk.goto(road(story, "withhold"))
    desk.check("[name=category][value=law]")
    desk.check("[name=knows_it_is_for_ever]")

    again = killed_and_opened_again(desk, road(story, "withhold"))
    again.click("[data-bring-back]")

    assert again.is_checked("[name=category][value=law]")
    assert not again.is_checked("[name=knows_it_is_for_ever]")


@pytest.mark.parametrize(("name", "button"), [("tighten", "[name=_save]"), ("settle", ".submit-row .default")])
def test_what_the_desk_took_is_forgotten(desk, story, name, button):
    desk.goto(road(story, name))
    desk.fill("#id_lead" if name == "tighten" else "#id_note", "Six died.")
    assert stored(desk) == 1

    desk.click(button)
    desk.wait_for_selector(".messagelist .success")

    assert stored(desk) == 0


def test_a_session_that_ended_loses_nothing(desk, story):
    desk.goto(road(story, "tighten"))
    Session.objects.all().delete()
    desk.fill("#id_lead", "Six died.")
    desk.click("[name=_save]")
    log_in(desk)

    desk.click("[data-bring-back]")

    assert desk.input_value("#id_lead") == "Six died."


def test_a_save_that_the_desk_refuses_loses_nothing_and_offers_nothing_twice(desk, story):
    desk.goto(road(story, "settle"))
    desk.fill("#id_private_note", "Asked the ministry.")
    desk.click(".submit-row .default")
    desk.wait_for_selector(".errornote")

    assert desk.input_value("#id_private_note") == "Asked the ministry."
    assert offer(desk).is_hidden() and stored(desk) == 1
    again = killed_and_opened_again(desk, road(story, "settle"))
    again.click("[data-bring-back]")
    assert again.input_value("#id_private_note") == "Asked the ministry."


@pytest.mark.fails("/tighten/")
def test_a_save_on_which_the_desk_breaks_loses_nothing(desk, story):
    desk.goto(road(story, "tighten"))
    desk.fill("#id_lead", "Six died.")
    desk.route("**/tighten/", lambda route: route.fulfill(status=500))
    desk.click("[name=_save]")
    desk.unroute("**/tighten/")
    desk.goto(road(story, "tighten"))

    desk.click("[data-bring-back]")

    assert desk.input_value("#id_lead") == "Six died."


def test_two_tabs_of_one_person_are_two(desk, story):
    desk.goto(road(story, "tighten"))
    other = desk.context.new_page()
    other.goto(road(story, "tighten"))
    desk.fill("#id_lead", "One.")
    other.fill("#id_lead", "Two.")
    other.close()

    again = killed_and_opened_again(desk, road(story, "tighten"))

    assert stored(again) == 2
    again.click("[data-bring-back]")
    assert again.input_value("#id_lead") == "Two."
    again.click("[data-bring-back]")
    assert again.input_value("#id_lead") == "One."
    again.click("[data-throw-away]")
    assert offer(again).is_hidden() and again.input_value("#id_lead") == "One."


def test_what_came_back_late_does_not_overwrite_what_others_saved(desk, story, client_for):
    desk.goto(road(story, "tighten"))
    desk.fill("#id_lead", "Mine.")
    Form(client_for(make.user("editor", username="olena")), road(story)).send(lead="Theirs.")
    again = killed_and_opened_again(desk, road(story, "tighten"))

    again.click("[data-bring-back]")
    again.click("[name=_save]")

    again.wait_for_selector(".conflict:has-text('olena')")
    assert Article.objects.get(pk=story.pk).lead == "Theirs."


def test_nobody_is_offered_what_another_person_typed_in_this_browser(desk, story):
    desk.goto(road(story, "tighten"))
    desk.fill("#id_lead", "Six died.")
    make.user("chief", username="another")
    desk.goto("/desk/")
    desk.click("#logout-form button")
    desk.goto(road(story, "tighten"))
    log_in(desk, "another")
    desk.wait_for_selector("kept-text", state="attached")

    assert offer(desk).is_hidden()


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('shut'); }})",
        "Storage.prototype.setItem = () => { throw new DOMException('full'); }",
    ],
)
def test_a_browser_that_keeps_nothing_does_no_harm(desk, story, broken):
    # A window of its own, as the scripts of Django's admin complain of such a browser.
    window = desk.context.new_page()
    window.add_init_script(broken)
    window.goto(road(story, "tighten"))
    window.fill("#id_lead", "Six died.")

    window.click("[name=_save]")

    window.wait_for_selector(".messagelist .success")
    assert Article.objects.get(pk=story.pk).lead == "Six died."


def test_it_works_where_the_desk_has_no_https(desk, story):
    """Under http, on an address that is not this machine's own, a browser hides some of what it can do."""
    desk.add_init_script("delete Crypto.prototype.randomUUID; delete Crypto.prototype.subtle")
    desk.goto(road(story))
    desk.fill("#id_lead", "Six died.")
    desk.wait_for_selector("[data-kept]:has-text('Kept at')")
    assert story.unsaved_texts.get().tabs
    desk.goto(road(story, "tighten"))
    desk.fill("#id_lead", "Six died.")

    again = killed_and_opened_again(desk, road(story, "tighten"))

    assert offer(again).is_visible()
