"""
What tests are given. They run with the settings of a development machine, on a real PostgreSQL.

Django is set up here, not by a line in pyproject.toml: its settings can be read only when there is a database.
"""

import os
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import django
import environ
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.storage import storages
from django.db import OperationalError, connection
from django.test import Client
from playwright.sync_api import sync_playwright

from newsroom import embedded_postgres
from tests.browser import chromium

environ.Env.read_env(Path(__file__).resolve().parent.parent / ".env")
os.environ["DEBUG"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
embedded_postgres.ensure()
django.setup()


def pytest_terminal_summary(terminalreporter):
    """Shows the figures that tests have recorded as properties."""
    for report in terminalreporter.getreports("passed"):
        for what, figure in report.user_properties:
            terminalreporter.line(f"{figure} {what}")


@pytest.fixture(autouse=True, scope="session")
def emptied_for_sure():
    """A page that is still being answered when its test ends can be in the way of emptying its tables: deadlock."""
    kind = type(connection.ops)
    empty = kind.execute_sql_flush

    def try_again(operations, statements):
        for _ in range(3):
            with suppress(OperationalError):
                return empty(operations, statements)
        return empty(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "execute_sql_flush", try_again)
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_storages(settings, tmp_path):
    storages = deepcopy(settings.STORAGES)
    storages["default"]["OPTIONS"]["location"] = tmp_path / "media"
    storages["originals"]["OPTIONS"]["location"] = tmp_path / "originals"
    settings.STORAGES = storages


@pytest.fixture(autouse=True)
def empty_imports(empty_storages, monkeypatch):
    """A field of a model knows its storage from the beginning."""
    from newsletter.models import SubscriberImport

    monkeypatch.setattr(SubscriberImport._meta.get_field("file"), "storage", storages["originals"])


@pytest.fixture(autouse=True)
def no_page_held(monkeypatch):
    """A test does not wait for the moment to pass in which a story's page may still be the one before."""
    monkeypatch.setattr("articles.pages.HELD_FOR", 0)


@pytest.fixture(autouse=True)
def no_offer_held(monkeypatch):
    """Nor for the letters that pages offer to be asked for anew."""
    monkeypatch.setattr("newsletter.offers.HELD_FOR", 0)
    monkeypatch.setattr("newsletter.offers._held", None)


@pytest.fixture
def offers_known(db, no_offer_held, monkeypatch):
    """The letters that pages offer were asked for a moment ago, as they are once in a while for all pages."""
    from newsletter import offers

    monkeypatch.setattr(offers, "HELD_FOR", 60)
    offers.version()


@pytest.fixture
def django_assert_num_queries(offers_known, django_assert_num_queries):
    """What is asked for the page itself."""
    return django_assert_num_queries


@pytest.fixture
def django_assert_max_num_queries(offers_known, django_assert_max_num_queries):
    return django_assert_max_num_queries


@pytest.fixture
def reader():
    """Somebody who is not logged in; nothing of theirs passes without the protection a browser would meet."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def client_for():
    """The client of a user: `client_for(make.editor()).get("/desk/")`."""

    def log_in(user):
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def database(transactional_db):
    """The address of the test's database, for other processes: what the test does is committed."""
    known = connection.settings_dict
    who = quote(known["USER"]) + (f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else "")
    where = f"{known['HOST']}:{known['PORT']}" if known["HOST"] else ""
    return f"postgres://{who}@{where}/{known['NAME']}?{urlencode(known.get('OPTIONS', {}))}"


@pytest.fixture(scope="session")
def browser():
    # Playwright leaves an event loop running in this thread, in which Django refuses to query.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, live_server, request):
    """
    A new window on the site. The test fails if a page complains, breaks its policy or calls anybody else.

    What a test makes fail on purpose it names: `@pytest.mark.fails("/rail/")`.
    """
    complaints = []
    failing = tuple(road for mark in request.node.iter_markers("fails") for road in mark.args)

    def listen(message):
        url = message.location["url"]
        is_expected = "Failed to load resource" in message.text and (url == page.url or url.endswith(failing))
        if message.type == "error" and not is_expected:
            complaints.append(message.text)

    def look(request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != urlsplit(live_server.url).netloc:
            complaints.append(f"{page.url} called {request.url}")

    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", look)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def axe(page):
    """What axe-core finds wrong with the page as it stands, by all its rules or some: `assert axe() == []`."""

    def violations(only: list[str] | None = None):
        # Without loading the style sheets anew, which no policy of ours would allow.
        options = {"preload": False} | ({"runOnly": only} if only else {})
        found = Axe().run(page, options=options).response["violations"]
        return [f"{violation['id']}: {node['html']}" for violation in found for node in violation["nodes"]]

    return violations
