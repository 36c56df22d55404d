"""Each role has exactly what the table says, and the verbs themselves refuse who may not."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied

from articles import publishing, roles, working_copy
from articles.kinds import Kind
from articles.models import Article, Desk, Revision
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

VERBS = {
    "publish": lambda story, by: publishing.publish(story, kind=Kind.DEVELOPMENT, by=by, base=1, note="It moved."),
    "publish_part": lambda story, by: publishing.publish_part(
        story, changes=(), kind=Kind.SETTLED, by=by, base=1, note="It ended."
    ),
    "reconfirm": lambda story, by: publishing.reconfirm(story, by=by, base=1),
    "settle": lambda story, by: publishing.settle(story, by=by, base=1, note="It ended."),
    "withdraw": lambda story, by: publishing.withdraw(story, by=by, base=1, note="It was staged."),
}


def restore(story, by):
    version = Desk.objects.get(article=story).version
    publishing.restore(story, working_copy.read(story), by=by, version=version, comment="Again")


@pytest.fixture
def story():
    story = make.published(topic=make.topic("Ukraine"))
    story.topic.members.add(make.user("reporter", username="member"))
    story.headline = "Italy signs a drone deal"
    story.save()
    return story


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Article, Desk, Revision)]


def permissions(role: str) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


def test_a_role_has_what_the_table_says_again_after_every_migrate():
    for name in roles.ROLES:
        Group.objects.get(name=name).permissions.set(Permission.objects.filter(codename="delete_topic"))

    roles.synchronise()

    for name, listed in roles.ROLES.items():
        assert permissions(name) == set(listed)
    assert permissions("letters staff") < permissions("reporter") < permissions("editor") < permissions("chief")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["member", "reporter", "letters staff", None])
def test_who_may_not_publish_is_refused_by_the_verb_itself(story, verb, who):
    person = make.get_user_model().objects.get(username=who) if who == "member" else make.user(who)
    before = state()

    with pytest.raises(PermissionDenied):
        VERBS[verb](story, person)

    assert state() == before


@pytest.mark.parametrize("verb", VERBS)
def test_an_editor_is_not(story, verb):
    VERBS[verb](story, make.editor())

    assert story.revisions.count() == 2


@pytest.mark.parametrize("role", ["reporter", "letters staff", None])
def test_a_working_copy_is_restored_by_those_alone_who_work_on_it(story, role):
    before = state()
    with pytest.raises(PermissionDenied):
        restore(story, make.user(role))
    assert state() == before

    restore(story, make.get_user_model().objects.get(username="member"))

    assert state() != before


def test_a_right_that_is_taken_away_is_gone_at_once(story, client_for):
    editor = make.editor()
    desk = client_for(editor)
    form = Form(desk, f"/desk/articles/article/{story.pk}/publish/")
    editor.groups.set([Group.objects.get(name="letters staff")])
    before = state()

    assert form.send(note="It moved.").status_code == 404
    assert state() == before


@pytest.mark.parametrize(
    ("role", "said"),
    [("letters staff", "You look after the newsletters"), (None, "You have no role at the desk yet")],
)
def test_who_works_on_no_story_is_told_what_there_is_to_do(client_for, role, said):
    make.topic("Ukraine")
    desk = client_for(make.user(role))

    page = desk.get("/desk/").content.decode()

    assert said in page
    assert "Begin a story" not in page
    assert ("Ukraine" in desk.get("/desk/articles/topic/").content.decode()) == (role == "letters staff")


def test_who_looks_after_the_accounts_alone_is_led_to_them(client_for):
    user = make.user(None)
    user.user_permissions.add(Permission.objects.get(codename="view_user"))

    page = client_for(user).get("/desk/").content.decode()

    assert 'href="/desk/auth/user/"' in page
    assert "no role" not in page


def test_letters_staff_read_a_topic_and_change_none(client_for):
    topic = make.topic("Ukraine")
    address = f"/desk/articles/topic/{topic.pk}/change/"
    desk = client_for(make.user("letters staff"))

    assert "Ukraine" in desk.get(address).content.decode()
    assert desk.post(address, {"name": "Other", "slug": "other"}).status_code == 403
