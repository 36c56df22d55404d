"""A story written in a browser: the rail follows, nothing typed is lost, and a keyboard is enough."""

import pytest
from django.contrib.sessions.models import Session

from articles import publishing
from articles.kinds import Kind
from articles.models import Article, UnsavedText
from tests import make
from tests.articles.forms import road
from tests.browser.chromium import crash

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def editor():
    return make.user("editor", username="editor")


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal")


# Of a story that is to be out at once.
UNASKED = ["something_is_cited", "somebody_reported_it", "what_is_confirmed_names_a_source"]


def log_in(page):
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", "editor")
    page.click("form [type=submit]")


@pytest.fixture
def desk(page, editor, story):
    """The window with the story's page open."""
    page.goto(road(story))
    log_in(page)
    page.wait_for_url(f"**{road(story)}")  # Whole: some end the session that the rest of it is asked with.
    return page


def kept(page):
    page.wait_for_selector("[data-kept]:has-text('Kept at')")


def test_what_is_typed_before_the_script_has_come_is_kept(page, editor, story):
    late = []
    page.route("**/story-rail*.js", lambda request: late.append(request))
    page.goto(road(story))
    log_in(page)
    page.fill("#id_lead", "Rome wants to build drones with Kyiv.")
    page.wait_for_function("document.readyState == 'interactive'")
    assert not UnsavedText.objects.exists()

    late[0].continue_()

    kept(page)
    assert "Rome wants to build drones" in str(UnsavedText.objects.get().tabs)


def test_the_rail_follows_the_typing_and_publishes(desk, story, axe):
    desk.fill("#id_lead", "Rome wants to build drones with Kyiv, the president said on Thursday.")
    kept(desk)

    assert desk.locator("[data-live] del").inner_text().endswith("Wednesday")
    assert desk.locator("[name=kind]:checked").get_attribute("value") == "tightened"
    assert axe() == []

    desk.click("[name=_publish]")
    desk.wait_for_selector(".messagelist .success")
    assert publishing.Revision.objects.get(article=story, number=2).kind == Kind.TIGHTENED


def test_a_killed_tab_loses_nothing_that_reached_the_desk(desk, story):
    desk.fill("#id_lead", "Rome and Kyiv have")
    kept(desk)
    desk.context.new_page().goto(desk.url)
    again = desk.context.pages[-1]
    desk.close(run_before_unload=False)

    again.click("[name=bring_back]")

    assert again.input_value("#id_lead") == "Rome and Kyiv have"
    again.click("[name=_save]")
    again.wait_for_selector(".messagelist .success")
    assert Article.objects.get(pk=story.pk).lead == "Rome and Kyiv have"
    assert again.locator(".offer").count() == 0


def test_who_types_without_a_pause_is_kept_all_the_same(desk, story):
    desk.fill("#id_lead", "")
    desk.locator("#id_lead").press_sequentially("Rome and Kyiv have signed it. " * 3, delay=90)

    [row] = UnsavedText.objects.filter(article=story)
    [kept] = row.tabs.values()
    assert len(kept["fields"]["lead"][0]) > 20


@pytest.mark.fails("/presence/")
def test_a_session_that_ends_loses_nothing(desk, story):
    Session.objects.all().delete()
    desk.fill("#id_lead", "Rome and Kyiv have signed.")
    desk.wait_for_selector("[data-kept]:has-text('logged out')")

    desk.click("[name=_save]")
    log_in(desk)
    desk.click("[name=bring_back]")

    assert desk.input_value("#id_lead") == "Rome and Kyiv have signed."


@pytest.mark.fails("/rail/", "/presence/")
def test_a_lost_network_loses_nothing(desk, story):
    desk.frame_locator("#sections-0 iframe").locator("body").wait_for()
    desk.context.set_offline(True)
    desk.fill("#id_lead", "Rome and Kyiv have signed.")
    desk.wait_for_selector("[data-kept]:has-text('cannot be reached')")
    desk.context.set_offline(False)

    kept(desk)

    [row] = story.unsaved_texts.all()
    [tab] = row.tabs.values()
    assert tab["fields"]["lead"] == ["Rome and Kyiv have signed."]


@pytest.mark.fails("/rail/")
def test_a_tab_that_dies_while_the_desk_fails_loses_nothing(desk, story):
    desk.route("**/rail/", lambda route: route.fulfill(status=500))
    desk.fill("#id_lead", "Rome and Kyiv have signed.")
    desk.wait_for_selector("[data-kept]:has-text('could not keep')")
    again = desk.context.new_page()
    desk.close(run_before_unload=False)
    again.goto(road(story))

    again.click("[name=bring_back]")

    assert again.input_value("#id_lead") == "Rome and Kyiv have signed."
    story.refresh_from_db()
    assert story.desk.base_number == 1 and story.lead != "Rome and Kyiv have signed."


@pytest.mark.fails("/rail/", "/presence/")
@pytest.mark.parametrize("trouble", ["no network", "errors"])
def test_a_tab_that_crashes_in_mid_sentence_while_nothing_arrives_loses_seconds(desk, story, trouble):
    if trouble == "errors":
        desk.route("**/rail/", lambda route: route.fulfill(status=500))
    desk.frame_locator("#sections-0 iframe").locator("body").wait_for()
    desk.context.set_offline(trouble == "no network")
    desk.fill("#id_lead", "")
    typed = "Rome and Kyiv have signed it. " * 3
    desk.locator("#id_lead").press_sequentially(typed, delay=90)
    again = desk.context.new_page()
    crash(desk)
    desk.context.set_offline(False)
    again.goto(road(story))

    again.click("[name=bring_back]")

    kept = again.input_value("#id_lead")
    assert typed.startswith(kept) and len(kept) > 20
    assert story.revisions.count() == 1


@pytest.mark.fails("/presence/")
def test_the_text_goes_on_after_a_login_in_another_tab(desk, story):
    Session.objects.all().delete()
    desk.fill("#id_lead", "Rome and Kyiv have signed.")
    desk.wait_for_selector("[data-kept]:has-text('logged out')")
    other = desk.context.new_page()
    other.goto("/desk/")
    log_in(other)
    other.wait_for_selector("#user-tools")

    kept(desk)
    desk.click("[name=_save]")

    desk.wait_for_selector(".messagelist .success")
    assert Article.objects.get(pk=story.pk).lead == "Rome and Kyiv have signed."


@pytest.mark.fails("/rail/", "/presence/")
def test_what_is_typed_after_another_persons_login_is_not_theirs(desk, story):
    make.user("editor", username="borys")
    Session.objects.all().delete()
    other = desk.context.new_page()
    other.goto("/desk/")
    other.fill("[name=username]", "borys")
    other.fill("[name=password]", "borys")
    other.click("form [type=submit]")
    other.wait_for_selector("text=Log out")

    desk.fill("#id_lead", "What I have from my own source.")

    desk.wait_for_selector("text=Somebody else is logged in here now")
    assert not UnsavedText.objects.filter(user__username="borys").exists()
    assert "my own source" in desk.evaluate("JSON.stringify({ ...localStorage })")


def test_parts_are_ordered_with_the_arrow_keys(desk, story):
    desk.locator("#key_points-group .part__handle").first.focus()
    desk.keyboard.press("ArrowDown")
    kept(desk)
    assert "moved" in desk.locator("[data-live]").inner_text()

    desk.click("[name=_save]")
    desk.wait_for_selector(".messagelist .success")

    assert [point.text for point in story.key_points.all()] == ["Norway signed first.", "Italy is interested."]


def test_parts_are_ordered_by_dragging_and_rich_text_survives_it(desk, story):
    # High enough that nothing scrolls away from under the mouse.
    desk.set_viewport_size({"width": 1280, "height": 4000})
    desk.click("#sections-group .add-row a")
    desk.fill("[name=sections-1-heading]", "Background")
    desk.frame_locator("#sections-1 iframe").locator("body").click()
    desk.keyboard.type("Five years of war.")
    kept(desk)
    handle = desk.locator("#sections-1 .part__handle")
    handle.drag_to(desk.locator("#sections-0 .part__top"), target_position={"x": 5, "y": 2})

    desk.click("[name=_save]")
    desk.wait_for_selector(".messagelist .success")

    sections = [(section.heading, section.body) for section in story.sections.all()]
    assert sections == [
        ("Background", "<p>Five years of war.</p>"),
        ("What happened", "<p>The two leaders met in Rome.</p>"),
    ]


def test_the_preview_beside_the_form_shows_what_is_typed(desk):
    desk.click("story-preview [data-width='390']")
    desk.fill("#id_lead", "Rome and Kyiv have signed.")
    kept(desk)

    lead = desk.frame_locator("story-preview iframe").locator(".lead")
    lead.filter(has_text="Rome and Kyiv have signed.").wait_for()


def test_tightening_shows_what_is_lost_as_one_types(desk, story, axe):
    desk.goto(road(story, "tighten"))
    desk.fill("#id_lead", "Rome wants to build drones.")
    desk.wait_for_selector(".tighten__lost")

    assert "Attribution lost" in desk.locator(".tighten__lost").inner_text()
    assert axe() == []
    desk.click("[name=_publish]")
    desk.wait_for_selector(".messagelist .success")
    assert publishing.Revision.objects.get(article=story, number=2).lead == "Rome wants to build drones."


def test_a_keyboard_is_enough_to_take_a_story_to_its_second_edition(page, editor):
    make.topic("Energy")
    make.story_format(name="Update", check_levels=dict.fromkeys(UNASKED, "off"))
    page.goto("/desk/articles/article/add/")
    log_in(page)
    page.wait_for_selector("#id_headline")
    keys = Keyboard(page)

    keys.to("#id_topic").press("E")
    keys.to("#id_format").press("U")
    keys.to("#id_headline").type("Gas prices fall")
    keys.to("[name=_save]").press("Enter")
    page.wait_for_selector("story-rail")
    keys.to("#id_lead").type("Prices fell by a tenth, the regulator said.")
    keys.to("[name=key_points-0-text]").type("Prices fell by a tenth.")
    kept(page)
    keys.to("[name=_publish]").press("Enter")
    page.wait_for_selector(".messagelist .success")

    keys.to("#id_lead").press("Control+End").type(" Rome follows.")
    kept(page)
    keys.to("[name=note]").type("Rome has followed.")
    kept(page)
    keys.to("[name=_publish]").press("Enter")
    page.wait_for_selector(".messagelist .success:has-text('Edition 2')")

    story = Article.objects.get(headline="Gas prices fall")
    assert [edition.number for edition in story.revisions.all()] == [2, 1]
    assert story.desk.base_edition.lead == "Prices fell by a tenth, the regulator said. Rome follows."


class Keyboard:
    """Somebody who has no mouse: goes from field to field with Tab alone."""

    def __init__(self, page):
        self.page = page

    def to(self, selector: str) -> "Keyboard":
        for _ in range(200):
            if self.page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"No Tab leads to {selector}.")

    def press(self, key: str) -> "Keyboard":
        self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> "Keyboard":
        self.page.keyboard.type(text)
        return self
