"""The demo newsroom, loaded once for all of these tests; smaller pictures, as they take most of the time."""

from datetime import timedelta
from email import message_from_bytes, policy
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db.models import Max, Min
from django.test import Client, override_settings
from django.utils import timezone

from articles import renditions
from articles.kinds import Kind
from articles.models import Article, Photo, Revision, SavedState, Topic
from articles.workflow import Status
from newsletter import digest, sending
from newsletter.models import Consent, Issue, OutboxMail
from newsroom.demo.people import LOGINS
from newsroom.demo.pictures import canvas

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = {"location": tmp_path_factory.mktemp("demo")}
    storages = {name: {**settings.STORAGES[name], "OPTIONS": folder} for name in ("default", "originals")}
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas, "SCALE", 1)
        patch.setattr(renditions, "WIDTHS", (400,))
        quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        changed = {"DEBUG": True, "PASSWORD_HASHERS": quick, "STORAGES": {**settings.STORAGES, **storages}}
        with override_settings(**changed):
            call_command("demo", verbosity=0)
        yield
        call_command("flush", interactive=False, verbosity=0)
        # The next rows begin with the same keys again.
        sending._form_kept.cache_clear()


def said(command: str) -> str:
    answer = StringIO()
    call_command(command, stdout=answer)
    return answer.getvalue()


def test_it_has_three_topics_and_eight_stories_of_which_one_is_a_draft():
    drafts = Article.objects.filter(revisions=None)

    assert (Topic.objects.count(), Article.objects.count()) == (3, 8)
    assert [story.slug for story in drafts] == ["tram-line-nine"]
    assert Revision.objects.public().count() == 7
    assert Article.objects.get(desk__status=Status.IN_REVIEW).slug == "island-ferry-contract"


def test_loading_it_again_changes_nothing(settings):
    settings.DEBUG = True

    def everything():
        users = get_user_model().objects.values_list("username", "password")
        return sorted(users), *(model.objects.count() for model in (Article, Photo, Revision, SavedState))

    before = everything()

    assert said("demo") == "The demo newsroom is here already; nothing was changed.\n"
    assert everything() == before


def test_it_loads_only_on_a_development_machine(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="only on a development machine"):
        call_command("demo")


def test_another_newsroom_is_left_alone(settings):
    settings.DEBUG = True
    get_user_model().objects.filter(username="chief").delete()

    with pytest.raises(CommandError, match="holds another newsroom"):
        call_command("demo")


def test_the_first_story_shows_what_seven_editions_can_be():
    editions = Revision.objects.filter(article__slug="italy-drone-deal").order_by("number")

    assert [edition.kind for edition in editions] == [
        Kind.FIRST,
        Kind.TIGHTENED,
        Kind.DEVELOPMENT,
        Kind.RECONFIRMED,
        Kind.CORRECTION,
        Kind.TIGHTENED,
        Kind.DEVELOPMENT,
    ]
    for tightened in (editions[1], editions[5]):
        assert {"headline", "lead"} <= {change.part for change in tightened.differences}
    assert ("verification", "reported", "confirmed") in {
        (change.what, change.before, change.after)
        for change in editions[5].differences
        if change.part == "key_point"
    }
    assert [point.as_of for point in editions[4].content.key_points[1:]] == [editions[3].published_at] * 2
    [box] = editions[6].content.corrections
    assert (box.first_wrong, box.last_wrong, box.number) == (3, 4, 5)


def test_saves_and_editions_are_spread_over_the_past_days_in_order():
    for story in Article.objects.all():
        editions = [edition.published_at for edition in story.revisions.order_by("number")]
        saves = [state.revision.date_created for state in story.saved_states.order_by("version")]
        assert editions == sorted(editions)
        assert saves == sorted(saves)
        assert set(editions) <= set(saves)

    oldest, newest = Revision.objects.aggregate(Min("published_at"), Max("published_at")).values()
    assert newest < timezone.now()
    assert newest - oldest > timedelta(days=4)


def test_its_history_holds():
    assert said("verify_history") == "The history of 8 stories holds.\n"


def test_every_page_of_every_story_answers(reader):
    for edition in Revision.objects.public().with_address():
        story = edition.article.get_absolute_url()
        roads = [story, f"{story}changes/", *(f"{story}revisions/{n}/" for n in range(1, edition.number + 1))]
        for road in ["/", edition.article.topic.get_absolute_url(), *roads]:
            assert reader.get(road).status_code == 200, road


def test_the_draft_and_the_confidential_source_reach_no_reader(reader):
    storm = reader.get("/port-alder/storm-over-port-alder/").text

    assert reader.get("/port-alder/tram-line-nine/").status_code == 404
    assert "electric ships" not in reader.get("/port-alder/island-ferry-contract/").text
    assert "A source known to the editors" in storm
    assert "A pilot of the harbour" not in storm


def test_its_reader_was_mailed_an_issue_and_then_what_changed_since(reader):
    mails = OutboxMail.objects.order_by("made_at")
    words = [message_from_bytes(bytes(mail.raw), policy=policy.default) for mail in mails]
    newest = words[-1].get_body(("plain",)).get_content()

    assert [mail.made_at < timezone.now() for mail in mails] == [True] * 4
    assert "Correction: Italy interested" in mails[2].subject
    assert "What changed since edition 5" in newest
    assert "Key point: confirmed, was reported" in newest
    assert mails[0].subject in reader.get("/newsletters/ukraine/issues/").text


def test_every_letter_was_made_begun_and_sent_after_its_reader_had_agreed_to_the_wording():
    consents = Consent.objects.select_related("wording").order_by("at")
    agreed = [consents[0].wording.made_at, *(consent.at for consent in consents)]
    sent = Issue.objects.order_by("pk").values_list("made_at", "started_at", "deliveries__sent_at", "finished_at")

    assert agreed == sorted(agreed)
    assert all(
        agreed[-1] < made <= begun <= mailed <= ended < timezone.now() for made, begun, mailed, ended in sent
    )
    assert [row[0] for row in sent] == [row[3] for row in sent] == sorted(row[0] for row in sent)


def test_nothing_is_left_to_be_mailed_when_it_is_loaded():
    digest.compose_due()

    assert not Issue.objects.sending().exists()


@pytest.mark.parametrize(("username", "password"), [login[:2] for login in LOGINS])
def test_the_logins_open_the_desk(username, password):
    person = Client()

    answer = person.post("/desk/login/?next=/desk/", {"username": username, "password": password})

    assert answer.headers.get("Location") == "/desk/"
    assert person.get("/desk/").status_code == 200
