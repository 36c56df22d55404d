"""Who comes to the desk and is not let in: the login page and the refusal say why, and what to do."""

import io
import logging

import pytest
from django.contrib.sessions.models import Session

from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


@pytest.mark.parametrize(
    ("tab", "said"), [("a-tab", "Your text is kept"), ("", "go back a page in this one: your text is still there")]
)
def test_who_saves_without_a_login_is_told_that_the_text_is_not_lost(desk, tab, said):
    form = Form(desk, road(make.story("Before")))
    Session.objects.all().delete()

    login = desk.post(form.url, {**form, "headline": "After", "tab": tab}, follow=True).content.decode()

    assert "You are logged out, so nothing was saved." in login
    assert said in login


def test_whose_session_ended_is_told_so_once(desk):
    desk.get("/desk/")
    Session.objects.all().delete()

    assert "You were logged out" in desk.get("/desk/", follow=True).content.decode()
    assert "You were logged out" not in desk.get("/desk/", follow=True).content.decode()


def test_who_comes_for_the_first_time_is_told_nothing_of_a_session(reader):
    assert "logged out" not in reader.get("/desk/", follow=True).content.decode()


def test_who_may_not_do_something_stays_at_the_desk_and_is_told_whom_to_ask(desk):
    refusal = desk.get("/desk/auth/user/")

    assert refusal.status_code == 403
    page = refusal.content.decode()
    assert "ask a chief" in page
    assert '<a href="/desk/">Back to the desk</a>' in page
    assert "desk-bar" in page


def test_a_refusal_is_one_line_of_the_log(client_for, monkeypatch):
    [terminal] = [handler for handler in logging.getLogger().handlers if handler.name == "terminal"]
    monkeypatch.setattr(terminal, "stream", io.StringIO())
    story = make.story()

    client_for(make.user("letters staff", username="sofia")).get(road(story))

    [line] = terminal.stream.getvalue().splitlines()
    assert "Forbidden" in line and road(story) in line and "sofia" not in line
