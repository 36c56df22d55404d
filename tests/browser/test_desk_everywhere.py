"""Every page of the desk: everyone can use it, it fits its window, and it asks for no relaxed policy."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from articles import publishing, withholding
from tests import make, roads
from tests.articles.forms import road
from tests.test_road_matrix import address, read_table

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = [1024, 1280, 1440]
STICKS_OUT = """() => document.documentElement.scrollWidth > innerWidth && [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth)
    .map((element) => element.outerHTML.slice(0, 120)).slice(0, 3).join("\\n") + " …" """
INLINE = re.compile(r"<script\b(?![^>]*(?:\ssrc=|json))[^>]*>|<\w+\s[^>]*?\s(?:on[a-z]+|style)=[^>]*>")
# A picture, a mail in its frame, data for scripts, a part of a page.
NO_PAGES = ("/whole/", "/photo/<name>", "/html/", "/mails/<slug:kind>/", "/jsi18n/", "/autocomplete/", "/progress/")
EDITOR = re.compile("/desk/(articles/article/[0-9]+/change|newsletter/issue/([0-9]+/change|add))/")


@pytest.fixture
def story():
    return make.everything()


@pytest.fixture
def chief(story):
    return make.get_user_model().objects.get(groups__name="chief")


@pytest.fixture
def window(page, chief, live_server):
    """The window, with the chief logged in."""
    client = Client()
    client.force_login(chief)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return page


@pytest.fixture
def look(page, axe):
    """Look at the page as it stands: `look("what it is")`. In the end the test fails if anything was amiss."""
    amiss = {}

    def look(name):
        for scheme, only in (("dark", ["color-contrast"]), ("light", None)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for violation in axe(only):
                amiss.setdefault(name, []).append(f"{scheme}: {violation}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if sticks_out := page.evaluate(STICKS_OUT):
                amiss.setdefault(name, []).append(f"at {width}: {sticks_out}")

    look.amiss = amiss
    return look


def visit(page, look, where: str) -> None:
    answer = page.goto(where)
    assert answer.status == 200, where
    if not EDITOR.fullmatch(where.partition("?")[0]):
        for tag in INLINE.finditer(answer.text()):
            look.amiss.setdefault(where, []).append(f"inline: {tag[0]}")
    look(where)


def pages_of_the_desk() -> list[roads.Road]:
    """Where a chief is given a page, as the table of roads says."""
    table = read_table()
    given = [road for road in roads.every_road() if table.get((road.template, "GET"), {}).get("chief") == "200"]
    return [road for road in given if road.is_at_the_desk and not road.template.endswith(NO_PAGES)]


def test_every_road_of_the_desk_can_be_used_by_everyone(window, look, story):
    given = pages_of_the_desk()

    for desk_road in given:
        visit(window, look, address(desk_road, story))

    assert len(given) > 60
    assert look.amiss == {}


def test_every_state_of_a_story_can_be_worked_on_by_everyone(window, look, story, chief):
    settled, withdrawn = make.published("Signed and done", by=chief), make.published("It was wrong", by=chief)
    publishing.settle(settled, by=chief, base=1, note="Both have signed.", reason="A test.")
    publishing.withdraw(withdrawn, by=chief, base=1, note="It was not so.", reason="A test.")
    withheld = make.published("A name", by=chief)
    withholding.withhold(withheld, numbers=None, category="law", by=chief)
    states = {
        "draft": (make.story("A draft"), ["change", "publish", "history", "delete", "tighten"]),
        "settled": (settled, ["change", "publish", "reopen", "withdraw"]),
        "withdrawn": (withdrawn, ["change", "publish", "history", "withhold"]),
        "withheld": (withheld, ["change", "publish", "history"]),
    }

    for article, names in states.values():
        for name in names:
            visit(window, look, road(article, name))

    assert look.amiss == {}


def test_what_comes_when_one_presses_something_can_be_used_by_everyone(window, look, story, chief):
    visit(window, look, "/desk/articles/article/?q=nothing-is-called-so")
    window.click("[data-open]")
    look("the list of keys")

    window.goto(road(story, "publish"))
    window.check("[name=kind][value=correction]")
    look("a correction")
    window.click("input.default")
    window.wait_for_selector(".errorlist")
    look("a correction that was refused")

    window.goto(road(story, "history"))
    window.click("text=Compare them")
    look("two moments")

    window.goto(road(story))
    window.fill("[name=headline]", "Mine")
    window.click("text=Phone")
    look("the preview beside the story")
    make.edition(story, headline="Theirs", by=chief)
    window.click("[name=_save]")
    window.wait_for_selector("text=Keep what is typed here")
    look("the conflict")

    window.goto(road(story))
    window.fill("[name=slug]", "Not an address")
    window.click("[name=_save]")
    window.wait_for_selector(".errornote")
    look("a story that was not saved")

    for model in ("source", "photo", "topic"):
        visit(window, look, f"/desk/articles/{model}/add/?_popup=1")
    assert look.amiss == {}


def test_whoever_is_not_logged_in_can_use_the_desks_doors(page, look, story, chief):
    page.goto("/desk/")
    look("the door")
    page.fill("[name=username]", "chief")
    page.fill("[name=password]", "wrong")
    page.click("[type=submit]")
    look("the door that stays shut")
    for name in ("password_reset", "password_reset_done", "password_reset_complete"):
        visit(page, look, reverse(name))
    page.goto("/desk/password/set/MQ/none/")
    look("a link that is used up")

    page.goto(link_to_set_password(chief))
    look("a new password")
    page.fill("[name=new_password1]", "short")
    page.fill("[name=new_password2]", "shorter")
    page.click("[type=submit]")
    look("a new password that will not do")

    assert look.amiss == {}


def link_to_set_password(user) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
