"""The people of the desk: a chief looks after their accounts, and nobody becomes more than a chief by that."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import mail

from tests import make
from tests.articles.forms import Form, errors

pytestmark = pytest.mark.django_db

LIST, ADD = "/desk/auth/user/", "/desk/auth/user/add/"


@pytest.fixture(autouse=True)
def at_once(settings):
    """Mail goes out when it is due, without a worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def chief():
    return make.user("chief", username="clara")


@pytest.fixture
def desk(client_for, chief):
    return client_for(chief)


def account(user) -> str:
    return f"{LIST}{user.pk}/change/"


def role(name: str) -> int:
    return Group.objects.get(name=name).pk


def new(desk, **changes):
    person = {"username": "rosa", "first_name": "Rosa", "last_name": "Lind", "email": "rosa@newsroom.example"}
    return Form(desk, ADD).send(**{**person, "role": role("reporter"), **changes})


def rows() -> list:
    """Who may do what."""
    users = User.objects.order_by("pk").prefetch_related("groups", "user_permissions")
    given = [(list(user.groups.all()), list(user.user_permissions.all())) for user in users]
    return [*users.values(), *given]


def test_a_chief_makes_a_user_who_is_mailed_a_link_to_set_the_password(desk, reader):
    answer = new(desk)

    rosa = User.objects.get(username="rosa")
    assert answer.status_code == 302
    assert (rosa.is_staff, rosa.is_active, rosa.is_superuser) == (True, True, False)
    assert [group.name for group in rosa.groups.all()] == ["reporter"]
    [letter] = mail.outbox
    assert letter.to == ["rosa@newsroom.example"]
    assert "Your login: rosa\n" in letter.body
    assert "on its way to rosa@newsroom.example" in desk.get(LIST).content.decode()


def test_nobody_types_another_persons_password(desk):
    reporter = make.user("reporter")

    assert "password1" not in Form(desk, ADD)
    assert desk.get(f"{LIST}{reporter.pk}/password/").status_code == 404
    assert desk.post(f"{LIST}{reporter.pk}/password/", {"password1": "x", "password2": "x"}).status_code == 404


def test_a_chief_changes_a_role(desk):
    reporter = make.user("reporter")
    by_hand = Group.objects.create(name="Picture desk")
    reporter.groups.add(by_hand)

    Form(desk, account(reporter)).send(role=role("editor"))

    assert {group.name for group in reporter.groups.all()} == {"editor", "Picture desk"}
    assert User.objects.get(pk=reporter.pk).has_perm("articles.publish_article")


def test_who_leaves_is_made_inactive_and_is_out_at_once(desk, client_for):
    reporter = make.user("reporter")
    theirs = client_for(reporter)
    assert theirs.get("/desk/articles/article/").status_code == 200
    form = Form(desk, account(reporter))
    del form["is_active"]

    form.send()

    assert theirs.get("/desk/articles/article/").status_code == 302


def test_nobody_is_ever_deleted(desk, client_for):
    reporter, superuser = make.user("reporter"), client_for(make.user(is_superuser=True))
    chosen = {"action": "delete_selected", "_selected_action": [reporter.pk], "post": "yes"}

    for client in (desk, superuser):
        assert client.post(f"{LIST}{reporter.pk}/delete/", {"post": "yes"}).status_code == 403
        client.post(LIST, chosen)

    assert User.objects.filter(pk=reporter.pk).exists()


@pytest.mark.parametrize("name", ["reporter", "editor", "letters staff", None])
def test_nobody_but_a_chief_sees_accounts(client_for, name):
    person = make.user(name)
    client = client_for(person)
    before = rows()

    for address in (LIST, ADD, account(person), f"{LIST}{person.pk}/history/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"username": "root", "is_superuser": "on"}).status_code == 403
    assert rows() == before


def test_a_superuser_is_not_to_be_found(desk):
    superuser = make.user(username="root", is_superuser=True)
    before = rows()

    assert "root" not in desk.get(LIST).content.decode()
    for name in ("change", "history", "delete"):
        assert desk.get(f"{LIST}{superuser.pk}/{name}/").status_code in (403, 404)
    assert desk.post(account(superuser), {"email": "clara@elsewhere.example"}).status_code == 404
    desk.post(LIST, {"action": "send_link", "_selected_action": [superuser.pk]})
    assert rows() == before
    assert not mail.outbox


def test_nor_is_who_may_do_more_than_a_chief(desk):
    mighty = make.user("editor")
    mighty.user_permissions.add(Permission.objects.get(codename="delete_topic"))

    assert desk.get(account(mighty)).status_code == 404


@pytest.mark.parametrize("who", ["oneself", "another"])
def test_no_right_is_given_but_a_role(desk, chief, who):
    person = chief if who == "oneself" else make.user("editor", username="ewan")
    mighty = Group.objects.create(name="Mighty")
    mighty.permissions.set(Permission.objects.all())
    everything = [permission.pk for permission in Permission.objects.all()]
    before = rows()

    Form(desk, account(person)).send(
        is_superuser="on", is_staff="", user_permissions=everything, groups=[mighty.pk], password="x"
    )
    assert rows() == before
    Form(desk, account(person)).send(role=mighty.pk)
    assert rows() == before


def test_nobody_changes_the_own_role_or_shuts_oneself_out(desk, chief):
    form = Form(desk, account(chief))
    assert not {"role", "is_active"} & form.keys()

    form.send(role=role("reporter"), is_active="", first_name="Clara")

    chief.refresh_from_db()
    assert (chief.first_name, chief.is_active) == ("Clara", True)
    assert [group.name for group in chief.groups.all()] == ["chief"]


def test_who_may_keep_accounts_but_is_no_chief_makes_none(client_for):
    editor = make.user("editor")
    editor.user_permissions.set(Permission.objects.filter(codename__in=["add_user", "change_user", "view_user"]))
    client = client_for(editor)
    chief = make.user("chief")

    answer = new(client, role=role("chief"))

    assert "role" in errors(answer)
    assert client.get(account(chief)).status_code == 404
    assert client.get(account(make.user("reporter"))).status_code == 200


@pytest.mark.parametrize(
    ("field", "typed"),
    [("username", "clara"), ("username", "a b"), ("email", ""), ("email", "CLARA@newsroom.example"), ("role", "")],
)
def test_what_is_not_right_is_said_by_its_field(desk, field, typed):
    answer = new(desk, **{field: typed})

    assert errors(answer).keys() == {field}
    assert not User.objects.filter(username="rosa").exists()
    assert not mail.outbox


def test_the_link_can_be_sent_again(desk):
    reporter, gone = make.user("reporter"), make.user("reporter", is_active=False)

    desk.post(LIST, {"action": "send_link", "_selected_action": [reporter.pk, gone.pk]})

    assert [letter.to for letter in mail.outbox] == [[reporter.email]]


def test_the_list_tells_role_and_topics_and_gives_no_password_away(desk):
    reporter = make.user("reporter", first_name="Rosa", last_name="Lind")
    make.topic("Ukraine").members.add(reporter)

    page = desk.get(LIST).content.decode()

    assert all(text in page for text in ("Rosa Lind", reporter.email, "reporter", "Ukraine"))
    for question in ("password__startswith=md5", "groups__permissions__codename=x", "topics__stories__headline=x"):
        assert desk.get(f"{LIST}?{question}").status_code in (302, 400, 404)


def test_roles_are_no_page_of_the_desk(client_for):
    assert client_for(make.user(is_superuser=True)).get("/desk/auth/group/").status_code == 404
