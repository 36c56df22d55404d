"""The rich-text editor, contained: clean HTML in and out, its policy on its page alone, few of its files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection

from articles import working_copy
from articles.models import Section
from tests import make, roads
from tests.articles.forms import Form, errors, road

HOSTILE = """<p onclick="alert(1)">Rome</p><img src=x onerror=alert(1)><script>alert(1)</script>
<a href="javascript:alert(1)">link</a><svg onload=alert(1)><iframe src="https://evil.example/"></iframe>"""


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


def policy(response) -> dict[str, set[str]]:
    directives = (directive.split() for directive in response.headers["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in directives}


def written_past_us(section, html):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_section SET body = %s WHERE id = %s", [html, section.pk])


@pytest.mark.django_db
def test_the_editor_is_given_only_cleaned_html(desk):
    story = make.story()
    written_past_us(story.sections.get(), HOSTILE)

    form = Form(desk, road(story))

    assert form["sections-0-body"] == ["<p>Rome</p>\nlink"]
    assert "alert(1)" not in form.html and "evil.example" not in form.html


@pytest.mark.django_db
def test_what_the_editor_sends_is_cleaned_before_it_is_kept(desk):
    story = make.story()

    Form(desk, road(story)).send(**{"sections-0-body": HOSTILE})

    assert Section.objects.values_list("body", flat=True).get() == "<p>Rome</p>\nlink"


@pytest.mark.django_db
def test_a_form_sent_back_with_an_error_gives_the_editor_cleaned_html(desk):
    story = make.story()

    answer = Form(desk, road(story)).send(**{"headline": "", "sections-0-body": HOSTILE})

    assert Form(desk, road(story), answer)["sections-0-body"] == ["<p>Rome</p>\nlink"]
    assert "alert(1)" not in answer.content.decode()


@pytest.mark.django_db
def test_html_that_cannot_be_cleaned_stays_as_text_outside_the_editor(desk):
    story = make.story()
    before = working_copy.read(story)
    paste = "<p>" + "Drones and deals. " * 180_000

    answer = Form(desk, road(story)).send(**{"sections-0-body": paste})

    assert "512 KB can be saved" in errors(answer)["sections-0-body"][0]
    form = Form(desk, road(story), answer)
    assert form["sections-0-body"] == [paste]
    assert 'id="id_sections-0-body" data-processed' not in form.html
    assert working_copy.read(story) == before


@pytest.mark.django_db
def test_hostile_html_too_deep_to_clean_does_not_keep_the_page_from_opening(desk):
    story = make.published()
    written_past_us(story.sections.get(), "<div>" * 50_000 + "<script>alert(1)</script>")

    answers = {name: desk.get(road(story, name), follow=True) for name in ("change", "publish", "preview")}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert not any("<script>alert(1)" in answer.content.decode() for answer in answers.values())
    assert '<li class="error">The formatting of this text' in answers["publish"].content.decode()


@pytest.mark.django_db
def test_only_the_pages_that_show_the_editor_relax_the_policy(client_for):
    story = make.published()
    make.edition(story, headline="Again")
    superuser = client_for(make.user("chief", is_superuser=True))

    relaxed = set()
    for desk_road in roads.every_road():
        if not desk_road.is_at_the_desk or "logout" in desk_road.template:
            continue
        for address in roads.addresses(desk_road, story):
            if "'unsafe-inline'" in superuser.get(address).headers["Content-Security-Policy"]:
                relaxed.add(desk_road.template)

    assert relaxed == {"/desk/articles/article/<path:object_id>/change/", "/desk/newsletter/issue/add/"}


@pytest.mark.django_db
def test_the_relaxed_policy_lets_nothing_in_or_out(desk):
    relaxed = policy(desk.get(road(make.story())))

    assert relaxed["script-src"] == relaxed["style-src"] == {"'self'", "'unsafe-inline'"}
    assert relaxed["img-src"] == {"'self'", "data:"}
    assert relaxed["connect-src"] == relaxed["form-action"] == {"'self'"}
    assert relaxed["default-src"] == relaxed["object-src"] == relaxed["base-uri"] == {"'none'"}


@pytest.mark.django_db
def test_a_conflict_page_shows_no_editor_and_keeps_the_strict_policy(desk):
    story = make.story()
    late = Form(desk, road(story))
    Form(desk, road(story)).send(headline="First")

    answer = late.send(headline="Second")

    assert answer.status_code == 409
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


def test_of_the_editors_files_only_the_allowed_are_collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }

    call_command("collectstatic", interactive=False, verbosity=0)

    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    of_editor = {name for name in names if name.startswith("ckeditor/")}
    plain = {name for name in of_editor if (Path(settings.STATIC_ROOT) / name).name.count(".") == 1}
    assert 20 < len(plain) <= 120
    assert not [name for name in of_editor if name.endswith((".html", ".htm", ".php", ".md", ".json"))]
    assert not any("sample" in name or "uploader" in name for name in of_editor)
    assert "admin/css/base.css" in names and "css/tokens.css" in names


@pytest.mark.parametrize(
    "path",
    [
        "ckeditor/ckeditor/samples/index.html",
        "ckeditor/ckeditor/plugins/image/dialogs/image.js",
        "ckeditor/ckeditor/plugins/filetools/../../build-config.js",
        "ckeditor//ckeditor/build-config.js",
        "./ckeditor/ckeditor/build-config.js",
    ],
)
def test_nor_are_others_found_on_a_development_machine(client, path):
    assert client.get(f"/static/{path}").status_code == 404
    assert finders.find("ckeditor/ckeditor/ckeditor.js")


def test_one_check_is_silenced_and_no_other():
    assert settings.SILENCED_SYSTEM_CHECKS == ["ckeditor.W001"]
