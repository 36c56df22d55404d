"""Sources and photos while writing, in a browser; and what has to do with the history can be used by everyone."""

import pytest
from django.conf import settings
from django.test import Client
from reversion.models import Version

from articles.models import Photo, PhotoUse, Source
from tests import make
from tests.articles.forms import Form, road

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURE = {"name": "rome.jpg", "mimeType": "image/jpeg", "buffer": make.picture().read()}


@pytest.fixture
def chief():
    return make.user("chief")


@pytest.fixture
def desk(chief):
    client = Client()
    client.force_login(chief)
    return client


@pytest.fixture
def window(page, desk, live_server):
    """The window, with the chief logged in."""
    cookie = desk.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return page


def search(page, field, words):
    page.locator(f".field-{field} .select2-selection:visible").last.click()
    page.keyboard.insert_text(words)


def popup_of(page, field):
    with page.expect_popup() as opened:
        page.locator(f".field-{field} .add-related:visible").last.click()
    return opened.value


def chosen(page, field) -> str:
    return page.locator(f".field-{field} .select2-selection__rendered:visible").last.inner_text()


def test_an_address_nobody_has_becomes_a_source_without_leaving_the_story(window):
    story = make.story()
    window.goto(road(story))
    search(window, "source", "https://agency.example/new")
    window.wait_for_selector("text=No results found")
    window.keyboard.press("Escape")

    popup = popup_of(window, "source")
    assert popup.input_value("[name=url]") == "https://agency.example/new"
    popup.fill("[name=publisher]", "Agency")
    popup.select_option("[name=kind]", "wire")
    with popup.expect_event("close"):
        popup.click("[name=_save]")

    assert "Agency" in chosen(window, "source")
    assert Source.objects.filter(url="https://agency.example/new").count() == 1


def test_a_source_that_is_there_is_taken_from_the_window_that_would_add_it(window):
    source = make.source("Ministry", title="A statement")
    window.goto(road(make.story()))

    popup = popup_of(window, "source")
    popup.fill("[name=url]", f"{source.url}/")
    popup.fill("[name=publisher]", "Ministry")
    popup.select_option("[name=kind]", "wire")
    popup.click("[name=_save]")
    with popup.expect_event("close"):
        popup.click("text=Use it")

    assert "Ministry: A statement" in chosen(window, "source")


def test_the_chooser_of_photos_shows_them(window):
    photo = make.photo(title="Rome", licence="CC BY 4.0")
    window.goto(road(make.story()))

    search(window, "photo", "Rome")

    found = window.locator(".select2-results__option .found")
    found.wait_for()
    assert "CC BY 4.0" in found.inner_text()
    assert str(photo.pk) in found.locator("img").get_attribute("src")


def test_a_photo_is_uploaded_from_the_story_with_all_that_is_asked_for_it(window):
    window.goto(road(make.story()))
    popup = popup_of(window, "photo")
    popup.set_input_files("[name=upload]", PICTURE)
    popup.fill("[name=alt]", "Two people at a table")
    popup.click("[name=_save]")
    popup.wait_for_selector("text=The file does not say whose work it is")
    assert popup.evaluate("document.activeElement.name") == "credit"

    popup.fill("[name=credit]", "Anna Rossi")
    with popup.expect_event("close"):
        popup.click("[name=_save]")

    assert Photo.objects.get().credit == "Anna Rossi"
    assert "rome" in chosen(window, "photo")
    assert window.input_value("[name=photo_use-0-alt]") == "Two people at a table"


def test_an_upload_shows_how_far_it_is(window):
    window.goto("/desk/articles/photo/add/")
    window.evaluate("""() => {
        window.seen = [];
        const bar = document.querySelector("photo-upload progress");
        new MutationObserver(() => seen.push([bar.hidden, bar.value])).observe(bar, {attributes: true});
    }""")
    window.set_input_files("[name=upload]", PICTURE)
    window.click("[name=_continue]")

    window.wait_for_selector(".field-credit .errorlist")

    assert [False, 100] in window.evaluate("seen")
    assert window.evaluate("document.querySelector('[name=upload]').files.length") == 1


def test_the_focal_point_is_set_by_a_click_and_by_the_keyboard(window):
    window.goto("/desk/articles/photo/add/")
    window.set_input_files("[name=upload]", PICTURE)
    window.click("focal-point canvas", position={"x": 100, "y": 300})  # of 400 x 400
    assert (window.input_value("[name=focal_x]"), window.input_value("[name=focal_y]")) == ("25", "75")

    for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight"):
        window.keyboard.press(key)

    assert (window.input_value("[name=focal_x]"), window.input_value("[name=focal_y]")) == ("34", "74")
    assert window.inner_text("focal-point [role=status]") == "34 % from left, 74 % from top"
    assert "34 % from left" in window.locator("focal-point button").get_attribute("aria-label")


def test_with_scripts_off_a_source_and_a_photo_are_chosen_by_hand_and_rows_are_ordered(browser, desk, live_server):
    story = make.story(sources=[make.source("First"), make.source("Second")])
    third, photo = make.source("Third"), make.photo(title="Rome")
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    cookie = desk.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(road(story))

    page.fill("[name=citations-2-source-by-hand]", str(third.pk))
    page.fill("[name=citations-2-order]", "1")
    page.fill("[name=citations-1-order]", "2")
    page.fill("[name=citations-0-order]", "3")
    page.fill("[name=photo_use-0-photo-by-hand]", f"{live_server.url}/desk/articles/photo/{photo.pk}/change/")
    page.fill("[name=photo_use-0-alt]", "Two people at a table")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist .success")

    assert [citation.source.publisher for citation in story.citations.all()] == ["Third", "Second", "First"]
    assert PhotoUse.objects.get(article=story).photo == photo
    page.fill("[name=citations-3-source-by-hand]", "the other one")
    page.click("[name=_save]")
    page.wait_for_selector(".field-source .errorlist")
    assert page.input_value("[name=citations-3-source-by-hand]") == "the other one"
    context.close()


def test_two_moments_are_compared_and_a_part_restored_with_the_keyboard(window, desk):
    story = make.story("Before", lead="The lead before.")
    Form(desk, road(story)).send(headline="After", lead="The lead after.")
    window.goto(road(story, "history"))
    window.press("text=Compare them", "Enter")
    window.locator(".kept__part:has-text('Headline') >> text=save 1…").press("Enter")
    assert window.is_checked("[value=headline]") and not window.is_checked("[value=lead]")

    window.press("text=Restore the chosen parts", "Enter")

    window.wait_for_selector(".messagelist .success")
    story.refresh_from_db()
    assert (story.headline, story.lead) == ("Before", "The lead after.")


def every_page(desk, chief) -> dict[str, str]:
    photo, source = make.photo(), make.source()
    story = make.published(photo=photo, sources=[source], by=chief)
    Form(desk, road(story)).send(headline="After")
    gone = make.story("A draft that was deleted", by=chief)
    desk.post(road(gone, "delete"), {"post": "yes"})
    version = Version.objects.get_for_object_reference(type(gone), gone.pk)[0]
    return {
        "history": road(story, "history"),
        "comparison": road(story, "history/compare") + "?from=save-1&to=save-3",
        "kept": road(story, "history/saves/1"),
        "recover list": "/desk/articles/article/recover/",
        "recover": f"/desk/articles/article/recover/{version.pk}/",
        "source": f"/desk/articles/source/{source.pk}/change/",
        "photo": f"/desk/articles/photo/{photo.pk}/change/",
        "upload": "/desk/articles/photo/add/?_popup=1",
        "photos": "/desk/articles/photo/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_library_and_the_history_can_be_used_by_everyone(window, axe, desk, chief, scheme):
    window.emulate_media(color_scheme=scheme)
    found = {}

    for name, address in every_page(desk, chief).items():
        window.goto(address)
        found[name] = axe()

    assert {name: violations for name, violations in found.items() if violations} == {}
