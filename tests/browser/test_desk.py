"""The desk in a browser: a real page typed in and published, and the rich-text editor under its policy."""

from pathlib import Path

import pytest
from django.db import connection

from articles import photos, working_copy
from articles.models import Photo
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURE = make.picture().read()

# The headings of the text that parts of it stand under.
LABELS = {
    "At a glance": "key_points",
    "Why it matters": "why_it_matters",
    "What Happened": "section",
    "Key Details": "section",
    "Why It Matters": "section",
    "Background": "section",
}


@pytest.fixture
def text():
    """The text of a real page, by its elements."""
    lines = (Path(__file__).parent / "story-page.txt").read_text().splitlines()
    kicker, headline, lead, *rest = lines
    credit = next(line.removeprefix("Photo: ") for line in rest if line.startswith("Photo: "))
    url = next(line for line in rest if line.startswith("https://"))
    end = rest.index(f"Source: {credit}")
    parts, heading = {}, None
    for line in rest[:end]:
        heading = line if line in LABELS else heading
        if heading and line not in (heading, url):
            parts.setdefault(heading, []).append(line.removeprefix("- "))
    return {
        "kicker": kicker,
        "headline": headline,
        "lead": lead,
        "credit": credit,
        "url": url,
        "key_points": parts["At a glance"],
        "why_it_matters": " ".join(parts["Why it matters"]),
        "sections": [(name, parts[name]) for name, kind in LABELS.items() if kind == "section"],
        "format": rest[rest.index("Update format") + 1 :],
    }


@pytest.fixture
def at_the_desk(page):
    """The window, with a chief logged in."""
    make.user("chief", username="chief")
    page.goto("/desk/")
    page.fill("[name=username]", "chief")
    page.fill("[name=password]", "chief")
    page.click("[type=submit]")
    return page


def save(page):
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist .success")


def choose(page, field, words):
    """Pick in a field that searches as one types."""
    page.locator(f".field-{field} .select2-selection:visible").last.click()
    page.keyboard.insert_text(words)
    page.click(f".select2-results__option:has-text('{words}')")


def write(page, row, paragraphs):
    """Type into the rich-text editor of a section."""
    page.frame_locator(f"#sections-{row} iframe").locator("body").click()
    page.keyboard.press("Control+End")
    for paragraph in paragraphs:
        page.keyboard.insert_text(paragraph)
        page.keyboard.press("Enter")


def type_in(page, text):
    """The whole story, as an editor would type it."""
    page.goto("/desk/articles/storyformat/add/")
    page.fill("[name=name]", "Update of the test")
    page.fill("[name=kicker]", text["kicker"])
    page.fill("[name=note]", "\n".join(text["format"]))
    page.fill("[name=headings]", "\n".join(name for name, _ in text["sections"][:-1]) + "\n> Background")
    save(page)
    page.goto("/desk/articles/topic/add/")
    page.fill("[name=name]", "Ukraine")
    save(page)
    page.goto("/desk/articles/source/add/")
    page.fill("[name=publisher]", text["credit"])
    page.fill("[name=url]", text["url"])
    page.select_option("[name=kind]", label="News agency")
    save(page)
    page.goto("/desk/articles/photo/add/")
    page.set_input_files("[name=upload]", {"name": "rome.jpg", "mimeType": "image/jpeg", "buffer": PICTURE})
    page.fill("[name=title]", "Rome")
    page.fill("[name=credit]", text["credit"])
    save(page)

    page.goto("/desk/articles/article/add/")
    page.select_option("[name=topic]", label="Ukraine")
    page.select_option("[name=format]", label="Update of the test")
    page.fill("[name=headline]", text["headline"])
    page.locator("[name=headline]").press("Tab")
    page.fill("[name=slug]", "italy-drone-cooperation")
    page.click("[name=_save]")

    page.fill("[name=lead]", text["lead"])
    page.fill("[name=why_it_matters]", text["why_it_matters"])
    for row, point in enumerate(text["key_points"]):
        if row:
            page.click("#key_points-group .add-row a")
        page.fill(f"[name=key_points-{row}-text]", point)
    for row, (_, paragraphs) in enumerate(text["sections"]):
        write(page, row, paragraphs)
    choose(page, "source", text["credit"])
    choose(page, "photo", "Rome")
    page.fill("[name=photo_use-0-alt]", "Two leaders at a table")
    save(page)
    page.fill("[name=key_points-0-cite]", "1")
    save(page)


def test_a_real_page_is_typed_in_published_and_read_with_scripts_off(at_the_desk, browser, live_server, text):
    page = at_the_desk
    type_in(page, text)
    photos.process(Photo.objects.get().pk)

    page.click("text=Publish…")
    page.fill("[name=reason]", "The agency signs as a whole, and is the source of all.")
    page.click("input.default")
    page.wait_for_selector(".messagelist .success")

    reader = browser.new_page(java_script_enabled=False)
    reader.goto(f"{live_server.url}/ukraine/italy-drone-cooperation/")
    reader.locator("details").evaluate_all("folds => folds.forEach(fold => fold.open = true)")
    shown = " ".join(reader.locator("main").inner_text().split())
    expected = [
        text["kicker"],
        text["headline"],
        text["lead"],
        "Share",
        "Developing story",
        text["credit"],
        "At a glance",
        *text["key_points"],
        "Why it matters",
        text["why_it_matters"],
        *(words for name, paragraphs in text["sections"] for words in (name, *paragraphs)),
        "Sources",
        text["credit"],
        *text["format"],
    ]
    assert missing_or_out_of_order(expected, shown) == []
    assert reader.locator(f"a[href='{text['url']}']").count() > 0
    assert reader.locator("img[alt='Two leaders at a table']").evaluate("image => image.naturalWidth") > 0
    reader.close()


def missing_or_out_of_order(expected, shown):
    """What does not come after what stands before it; letter case is the style sheet's."""
    place, missing = 0, []
    for words in expected:
        found = shown.lower().find(words.lower(), place)
        if found < 0:
            missing.append(words)
        else:
            place = found + len(words)
    return missing


def test_a_story_is_published_without_scripts(browser, live_server):
    make.user("editor", username="editor")
    story = make.story("Italy weighs a drone deal")
    page = browser.new_context(java_script_enabled=False, base_url=live_server.url).new_page()
    page.goto(f"/desk/articles/article/{story.pk}/publish/")
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", "editor")
    page.click("[type=submit]")

    page.fill("[name=note]", "The first we know.")
    page.click("input.default")

    assert story.revisions.get().note == "The first we know."
    body = page.locator("[name=sections-0-body]")
    assert body.is_visible() and body.input_value() == "<p>The two leaders met in Rome.</p>"
    page.context.close()


def test_the_rich_text_editor_works_under_its_policy(at_the_desk):
    page = at_the_desk
    story = make.story(sections=[("What happened", "")])
    page.goto(f"/desk/articles/article/{story.pk}/change/")
    editor = page.locator("#sections-0")
    write(page, 0, ["Typed"])
    editor.locator(".cke_button__bold").click()
    page.keyboard.insert_text("bold")
    editor.locator(".cke_button__bold").click()
    page.keyboard.press("Enter")
    editor.locator(".cke_button__link").click()
    page.locator(".cke_dialog input[type=text]:visible").nth(0).fill("the agency")
    page.locator(".cke_dialog input[type=text]:visible").nth(1).fill("agency.example/report")
    page.click(".cke_dialog_ui_button_ok")
    page.wait_for_selector(".cke_dialog", state="hidden")
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    paste(
        page, "<p class=MsoNormal style='color:red'>Pasted <b>words</b><img src='https://evil.example/x.png'></p>"
    )
    editor.locator(".cke_button__table").click()
    page.click(".cke_dialog_ui_button_ok >> visible=true")
    page.wait_for_selector(".cke_dialog >> visible=true", state="hidden")
    page.keyboard.insert_text("in a cell")

    save(page)

    [section] = working_copy.read(story).sections
    for part in (
        "<p>Typed</p>",
        "<p><strong>bold</strong></p>",
        '<a href="https://agency.example/report" rel="noopener noreferrer">the agency</a>',
        "Pasted <strong>words</strong>",
        "in a cell</td>",
    ):
        assert part in section.body
    assert "evil" not in section.body


def paste(page, html):
    """What a browser's own paste of formatted text gives the editor."""
    page.evaluate(
        """html => {
          const [editor] = Object.values(CKEDITOR.instances);
          const dataTransfer = new CKEDITOR.plugins.clipboard.dataTransfer();
          dataTransfer.setData("text/html", html);
          editor.fire("paste", { method: "paste", type: "auto", dataValue: html, dataTransfer });
        }""",
        html,
    )
    page.frame_locator("#sections-0 iframe").locator("text=Pasted").wait_for()


def test_hostile_html_in_the_database_does_nothing_in_the_editor(at_the_desk):
    page = at_the_desk
    story = make.story()
    hostile = (
        '<p>Rome</p><img src=x onerror="alert(1)"><svg onload="alert(1)"></svg><a href="javascript:alert(1)">x</a>'
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_section SET body = %s", [hostile])
    fired = []
    page.on("dialog", lambda dialog: (fired.append(dialog.message), dialog.dismiss()))

    page.goto(f"/desk/articles/article/{story.pk}/change/")
    page.frame_locator("#sections-0 iframe").locator("text=Rome").click()

    assert fired == []
    assert page.frame_locator("#sections-0 iframe").locator("img, svg, a[href^=javascript]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_page_can_be_used_by_everyone(page, axe, scheme):
    page.emulate_media(color_scheme=scheme)

    page.goto("/desk/login/")

    assert axe() == []
