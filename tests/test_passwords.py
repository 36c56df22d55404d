"""Setting a password by a mailed link, which works once and for an hour; and changing it oneself."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ASK = "/desk/password/"
CHOSEN = "a harbour in the morning"
NEXT = "another harbour at night"


@pytest.fixture(autouse=True)
def at_once(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture(autouse=True)
def nobody_has_asked():
    cache.clear()


@pytest.fixture
def rosa():
    return make.user("reporter", username="rosa")


def mailed_link(reader, **headers) -> str:
    """What somebody is mailed who forgot the password."""
    mail.outbox.clear()
    form = Form(reader, ASK)
    reader.post(ASK, {**form, "email": "rosa@newsroom.example"}, headers=headers)
    [letter] = mail.outbox
    [link, _] = re.findall(r"https?://\S+", letter.body)
    return link


def path_of(link: str) -> str:
    return link.removeprefix("http://127.0.0.1:8000")


def use(link: str, password: str):
    """Follow the link as somebody who is not logged in and try to set the password."""
    client = Client()
    answer = client.get(path_of(link), follow=True)
    if answer.status_code != 200:
        return answer
    address = answer.redirect_chain[-1][0]
    return client.post(address, {"new_password1": password, "new_password2": password})


def is_password(user, password: str) -> bool:
    user.refresh_from_db()
    return user.check_password(password)


def test_the_login_page_leads_to_a_mail_and_that_to_a_password(reader, rosa):
    assert f'href="{ASK}"' in reader.get("/desk/login/").content.decode()

    answer = use(mailed_link(reader), CHOSEN)

    assert answer.url == "/desk/password/is-set/"
    assert is_password(rosa, CHOSEN)
    assert Client().login(username="rosa", password=CHOSEN)


def test_the_answer_is_the_same_whether_or_not_the_desk_knows_the_address(reader, rosa):
    make.user("reporter", username="gone", is_active=False)
    answers = []

    for address in ("rosa@newsroom.example", "gone@newsroom.example", "nobody@newsroom.example"):
        answer = reader.post(ASK, {**Form(reader, ASK), "email": address}, follow=True)
        answers.append((answer.redirect_chain, answer.content))

    assert [letter.to for letter in mail.outbox] == [["rosa@newsroom.example"]]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    "asker",
    [
        lambda number: {"email": "rosa@newsroom.example", "REMOTE_ADDR": f"198.51.{number}.1"},
        lambda number: {"email": f"person{number}@newsroom.example", "REMOTE_ADDR": "198.51.100.1"},
    ],
    ids=["one address", "one network"],
)
def test_who_asks_too_often_gets_no_more_mail_and_the_same_answer(client, rosa, asker):
    for number in range(5):
        make.user("reporter", username=f"person{number}")
    answers = []

    for number in range(5):
        asked = asker(number)
        answer = client.post(ASK, {"email": asked.pop("email")}, follow=True, **asked)
        answers.append((answer.redirect_chain, answer.content))

    assert len(mail.outbox) == 3
    assert all(answer == answers[0] for answer in answers)


def test_a_link_is_not_taken_twice(reader, rosa):
    link = mailed_link(reader)
    use(link, CHOSEN)

    assert use(link, NEXT).status_code == 404
    assert is_password(rosa, CHOSEN)


def test_a_link_is_not_taken_after_the_password_changed(reader, rosa, client_for):
    link = mailed_link(reader)
    Form(client_for(rosa), "/desk/password_change/").send(
        old_password="rosa", new_password1=CHOSEN, new_password2=CHOSEN
    )

    assert use(link, NEXT).status_code == 404
    assert is_password(rosa, CHOSEN)


@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=59), 302), (timedelta(minutes=61), 404)])
def test_a_link_is_taken_for_an_hour(reader, rosa, monkeypatch, age, status):
    asked = datetime.now()
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: asked)
    link = mailed_link(reader)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: asked + age)

    assert use(link, CHOSEN).status_code == status
    assert is_password(rosa, CHOSEN) == (status == 302)


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"x-forwarded-host": "evil.example"}])
def test_a_forged_host_does_not_get_into_the_link(reader, rosa, settings, headers):
    settings.ALLOWED_HOSTS = ["*"]

    link = mailed_link(reader, **headers)

    assert link.startswith(f"{settings.SITE_URL}/desk/password/set/")
    assert "evil" not in mail.outbox[0].message().as_string()


def test_a_link_is_not_taken_after_the_address_changed_or_the_person_left(reader, rosa):
    link = mailed_link(reader)
    rosa.email = "rosa@elsewhere.example"
    rosa.save()

    assert use(link, CHOSEN).status_code == 404


def test_another_persons_link_sets_no_password_of_ones_own(reader, rosa):
    superuser = make.user(is_superuser=True, username="root")
    link = mailed_link(reader)
    mail.outbox.clear()
    reader.post(ASK, {**Form(reader, ASK), "email": "root@newsroom.example"})
    [theirs, _] = re.findall(r"https?://\S+", mail.outbox[0].body)
    uid = theirs.split("/")[-3]

    assert use(link.replace(link.split("/")[-3], uid), CHOSEN).status_code == 404
    assert not is_password(superuser, CHOSEN)


def test_looking_at_a_link_sets_nothing_and_uses_nothing_up(reader, rosa):
    link = mailed_link(reader)

    for _ in range(5):
        assert Client().get(path_of(link), follow=True).status_code == 200

    assert is_password(rosa, "rosa")
    assert use(link, CHOSEN).status_code == 302


def test_a_password_that_is_easily_guessed_is_not_taken(reader, rosa):
    answer = use(mailed_link(reader), "password")

    assert "too common" in answer.content.decode()
    assert is_password(rosa, "rosa")


def test_a_new_password_ends_the_sessions_that_are_open(reader, rosa, client_for):
    elsewhere = client_for(rosa)
    assert elsewhere.get("/desk/").status_code == 200

    use(mailed_link(reader), CHOSEN)

    assert elsewhere.get("/desk/").status_code == 302


def test_one_changes_ones_own_password_and_stays_logged_in(rosa, client_for):
    desk = client_for(rosa)

    answer = Form(desk, "/desk/password_change/").send(
        old_password="rosa", new_password1=CHOSEN, new_password2=CHOSEN
    )

    assert answer.url == "/desk/password_change/done/"
    assert is_password(rosa, CHOSEN)
    assert desk.get("/desk/").status_code == 200


def test_the_pages_about_passwords_are_kept_by_no_cache_and_tell_no_other_site(reader, rosa):
    link = path_of(mailed_link(reader))

    for address in (ASK, f"{ASK}asked/", f"{ASK}is-set/", link, f"{ASK}set/MQ/set-password/", f"{ASK}set/x/y/"):
        answer = reader.get(address)
        assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", ")), address
    followed = reader.get(link, follow=True)
    assert link.split("/")[-2] not in followed.content.decode()
