"""What every answer tells the browser to forbid, what is never kept about readers, and production's settings."""

import logging
import re
import subprocess

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client

from articles import publishing
from tests import make, roads

from .processes import manage

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
RENDITION = {"default-src": "'none'", "sandbox": ""}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in sorted(settings.PERMISSIONS_POLICY)),
}
# Its address is a secret that no other site is told.
LINK = re.compile("/newsletters/(confirm|leave|preferences)/")
READER = "203.0.113.77"


@pytest.fixture
def anybody():
    return Client(raise_request_exception=False, enforce_csrf_checks=True, REMOTE_ADDR=READER)


@pytest.fixture
def story():
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal", photo=make.photo())
    make.edition(story, headline="Italy signs a drone deal")
    return story


@pytest.fixture
def answers(anybody, story, monkeypatch):
    """An answer of every sort that somebody who is not logged in can get, by what was asked."""
    withdrawn = make.published("Staged", topic=story.topic, slug="staged")
    publishing.withdraw(withdrawn, by=make.user("chief"), base=1, note="It was staged.")
    pages = [address for road in roads.public_roads() for address in roads.addresses(road, story)]
    others = [
        *("/nothing/", "/ukraine/drone-deal", "/elsewhere/drone-deal/", withdrawn.get_absolute_url()),
        *("/static/css/base.css", "/static/js/copy-button.js", "/static/admin/css/base.css", "/static/nothing.css"),
        *(default_storage.url("photos/nothing.jpeg"), "/desk/", "/desk/login/", "/desk/articles/article/"),
    ]
    found = {address: anybody.get(address) for address in [*pages, *others]}
    found["a page that did not change"] = anybody.get("/", headers={"if-none-match": found["/"]["ETag"]})
    found["a form without its token"] = anybody.post("/desk/login/")
    found["a method that no page takes"] = Client().post("/")
    found["a name that is not ours"] = anybody.get("/", headers={"host": "evil.example"})
    monkeypatch.setattr("articles.feeds.Channel.entries", lambda *_: 1 / 0)
    found["a mistake of ours"] = anybody.get("/feeds/")
    yield found
    for answer in found.values():
        answer.close()


def policy(answer) -> dict[str, str]:
    directives = answer.get("Content-Security-Policy", "").split("; ")
    return {name: value for name, _, value in (directive.partition(" ") for directive in directives)}


@pytest.mark.django_db
def test_every_answer_forbids_what_the_site_does_not_need(answers):
    assert {answer.status_code for answer in answers.values()} == {
        *(200, 204, 301, 302, 304, 400, 403, 404, 405, 410, 500)
    }
    for asked, answer in answers.items():
        is_rendition = answer.get("Content-Type", "").startswith("image/") and asked.startswith("/media/")
        assert policy(answer) == (RENDITION if is_rendition else STRICT), asked
        origin_alone = {"Referrer-Policy": "strict-origin"} if LINK.match(asked) else {}
        assert {name: answer.get(name) for name in HEADERS} == HEADERS | origin_alone, asked


@pytest.mark.django_db
def test_an_answer_before_the_site_is_asked_forbids_the_same(settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    client = Client(raise_request_exception=False)

    for host in ("testserver", "evil.example"):
        answer = client.get("/", headers={"host": host})
        assert answer.status_code in (301, 400)
        assert "evil.example" not in answer.get("Location", "")
        assert policy(answer) == STRICT
    assert client.get("/", secure=True)["Strict-Transport-Security"].startswith("max-age=3600; includeSubDomains")


@pytest.mark.django_db
def test_a_form_that_is_not_accepted_says_what_to_do(answers):
    assert "Nothing was saved" in answers["a form without its token"].content.decode()


@pytest.mark.django_db
def test_a_reader_is_given_no_cookie(answers):
    for asked, answer in answers.items():
        if not asked.startswith("/desk/") and asked != "a form without its token":
            assert not answer.cookies, asked
            assert "Cookie" not in answer.get("Vary", ""), asked


@pytest.mark.django_db
def test_nothing_tells_who_read(caplog, anybody, request):
    caplog.set_level(logging.DEBUG)
    anybody.defaults["HTTP_X_FORWARDED_FOR"] = READER

    request.getfixturevalue("answers")

    assert "Internal Server Error: /feeds/" in caplog.text
    assert READER not in caplog.text
    assert not mail.outbox


def test_no_server_we_start_keeps_a_log_of_readers():
    started = ["Procfile", "newsroom/processes.py", "deploy/newsroom-web.service"]
    commands = {name: (settings.BASE_DIR / name).read_text() for name in started}

    assert all("granian" in command for command in commands.values())
    assert not [name for name, command in commands.items() if "access-log" in command]


def test_nothing_is_found_amiss_with_production_settings():
    long = "For a test that is as long as a key of production has to be, 0123456789"
    production = {
        "DEBUG": "0",
        "SECRET_KEY": long,
        "CONFIDENTIAL_KEY": long,
        "SUPPRESSION_KEY": long,
        "SITE_URL": "https://newsroom.example",
    }
    # The last is set for tests that open a browser.
    environment = {**production, "ALLOWED_HOSTS": "newsroom.example", "DJANGO_ALLOW_ASYNC_UNSAFE": ""}
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    arguments = ["check", "--deploy", "--fail-level", "WARNING"]

    with manage("postgres://localhost/newsroom", *arguments, env=environment, **pipe) as process:
        said = process.stdout.read()

    assert said == "System check identified no issues (1 silenced).\n"
    assert process.returncode == 0


def test_the_check_that_is_silenced_stands_beside_a_dated_reason():
    source = (settings.BASE_DIR / "newsroom/settings.py").read_text()

    assert settings.SILENCED_SYSTEM_CHECKS == ["ckeditor.W001"]
    [reason] = re.findall(r"((?:^# .*\n)+)SILENCED_SYSTEM_CHECKS", source, re.MULTILINE)
    assert re.match("# [0-9]{1,2} [A-Z][a-z]+ 20[0-9]{2}: CKEditor", reason)
