"""Publishing: the only road from a working copy to readers."""

import json
import random
import select
import threading
import time
from dataclasses import replace

import psycopg2
import pytest
import reversion.models
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction

from articles import publishing, saved_states, working_copy
from articles.changes import compare
from articles.kinds import Kind
from articles.models import Citation, Desk, KeyPoint, Revision
from articles.snapshot import Pace, Verification, from_json
from tests import make

pytestmark = pytest.mark.django_db


def newest(story):
    return story.revisions.order_by("-number").first()


def said(words="Norway signs a similar deal."):
    return {"note": words, "reason": "As a test needs it."}


def test_the_first_edition_freezes_the_whole_story():
    source = make.source("Example Agency")
    story = make.published("Italy weighs a drone deal", sources=[source])

    [edition] = story.revisions.all()

    assert (edition.number, edition.kind, edition.pace) == (1, Kind.FIRST, Pace.DEVELOPING)
    assert edition.headline == edition.content.story.headline == "Italy weighs a drone deal"
    assert [point.text for point in edition.content.key_points] == ["Italy is interested.", "Norway signed first."]
    assert [section.heading for section in edition.content.sections] == ["What happened"]
    assert [citation.source.publisher for citation in edition.content.citations] == ["Example Agency"]
    assert edition.published_at == edition.first_published_at == edition.updated_at == edition.confirmed_at


def test_the_stored_text_of_an_edition_is_canonical_json():
    edition = newest(make.published())

    canonical = json.dumps(json.loads(edition.snapshot), ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    assert edition.snapshot == canonical
    assert from_json(edition.snapshot) == edition.content


def test_a_new_development_moves_updated_and_keeps_the_first_publication():
    story = make.published()
    first = newest(story)

    second = make.edition(story, headline="Italy signs a drone deal")

    assert second.number == 2
    assert second.updated_at > first.updated_at
    assert second.first_published_at == first.published_at
    assert [(change.part, change.what) for change in second.differences] == [("headline", "reworded")]


def test_a_typo_moves_nothing_and_a_reconfirmation_only_the_last_confirmed_time():
    story = make.published(lead="Rome wants to biuld drones.")
    first = newest(story)

    typo = make.edition(story, kind=Kind.TYPO, lead="Rome wants to build drones.")
    sure = publishing.reconfirm(story, by=make.editor(), base=2)

    assert typo.updated_at == sure.updated_at == first.updated_at
    assert typo.confirmed_at == first.confirmed_at < sure.confirmed_at


def test_reconfirming_one_key_point_moves_its_time_alone_also_in_the_working_copy():
    story = make.published()
    one, other = newest(story).content.key_points

    edition = publishing.reconfirm(story, by=make.editor(), base=1, key_points=[one.id])

    now_one, now_other = edition.content.key_points
    assert now_one.as_of == edition.confirmed_at or now_one.as_of > one.as_of
    assert now_other.as_of == other.as_of
    assert KeyPoint.objects.get(pk=one.id).as_of == now_one.as_of


def test_reconfirming_leaves_what_others_are_writing():
    story = make.published()
    one, other = newest(story).content.key_points
    with working_copy.saving(story, by=make.editor(), version=2):
        story.key_points.filter(pk=one.id).update(text="Italy is interes")
        story.key_points.filter(pk=other.id).delete()

    edition = publishing.reconfirm(story, by=make.editor(), base=1)

    [point] = story.key_points.all()
    assert (point.text, point.as_of) == ("Italy is interes", edition.content.key_points[0].as_of)


def test_settling_and_reopening_turn_the_pace():
    story, editor = make.published(), make.editor()

    settled = publishing.settle(story, note="The deal is signed.", by=editor, base=1)
    reopened = publishing.reopen(story, note="Parliament objects.", by=editor, base=2)

    assert (settled.pace, settled.content.story.pace) == (Pace.SETTLED, Pace.SETTLED)
    assert reopened.content.story.pace == Pace.DEVELOPING


def test_a_settled_story_cannot_be_settled_again():
    story, editor = make.published(), make.editor()
    publishing.settle(story, note="The deal is signed.", by=editor, base=1)

    with pytest.raises(publishing.Refused, match="cannot follow"):
        publishing.settle(story, note="Once more.", by=editor, base=2)


def test_a_withdrawn_story_is_public_no_more_until_it_is_reopened():
    story, editor = make.published(), make.editor()

    publishing.withdraw(story, note="The interview was staged.", by=editor, base=1)
    assert not Revision.objects.public().filter(article=story).exists()
    assert not Revision.objects.readable().filter(article=story).exists()

    publishing.reopen(story, note="It was not.", by=editor, base=2)
    assert Revision.objects.public().get(article=story).number == 3


def test_a_correction_says_what_was_wrong_and_stays_in_every_later_edition():
    story = make.published(lead="Five people signed.")
    box = publishing.Box(wrong="We said five signed.", right="Six signed.", first_wrong=1, last_wrong=1)
    editor = make.editor()
    with working_copy.saving(story, by=editor, version=2):
        story.lead = "Six people signed."
        story.save()

    fixed = publishing.publish(
        story, kind=Kind.CORRECTION, by=editor, base=1, note="Six signed, not five.", box=box
    )
    later = make.edition(story, headline="Drone deal signed")

    assert fixed.correction.right == "Six signed."
    assert [c.right for c in fixed.content.corrections] == ["Six signed."]
    assert later.content.corrections == fixed.content.corrections
    assert fixed.content.corrections[0].published_at == fixed.published_at


def test_a_newer_correction_supersedes_an_older_one_without_deleting_it():
    story, editor = make.published(), make.editor()
    first = publishing.Box("Five.", "Six.", 1, 1)
    fixed = publishing.publish(story, kind=Kind.CORRECTION, by=editor, base=1, note="Six.", box=first)

    second = publishing.Box("Six.", "Seven.", 2, 2, supersedes=fixed.correction)
    again = publishing.publish(story, kind=Kind.CORRECTION, by=editor, base=2, note="Seven.", box=second)

    assert [c.right for c in again.content.corrections] == ["Six.", "Seven."]
    assert [c.right for c in again.content.standing_corrections] == ["Seven."]


def test_a_correction_does_not_replace_one_of_another_story():
    story, other, editor = make.published(), make.published(), make.editor()
    box = publishing.Box("Five.", "Six.", 1, 1)
    theirs = publishing.publish(other, kind=Kind.CORRECTION, by=editor, base=1, note="Six.", box=box)

    with pytest.raises(publishing.Refused, match="of another story"):
        ours = replace(box, supersedes=theirs.correction)
        publishing.publish(story, kind=Kind.CORRECTION, by=editor, base=1, note="Six.", box=ours)


REFUSALS = {
    "a development without a note": ({"kind": Kind.DEVELOPMENT}, "needs a note"),
    "a typo with a note": ({"kind": Kind.TYPO, "note": "Nothing."}, "carries no note"),
    "a second first report": ({"kind": Kind.FIRST}, "cannot follow"),
    "a correction without its box": ({"kind": Kind.CORRECTION, "note": "Six."}, "what was wrong"),
    "a development with a box": (
        {"kind": Kind.DEVELOPMENT, "note": "Six.", "box": publishing.Box("a", "b", 1, 1)},
        "what was wrong",
    ),
    "a correction of an edition that never was": (
        {"kind": Kind.CORRECTION, "note": "Six.", "box": publishing.Box("a", "b", 1, 7)},
        "between 1 and 1",
    ),
    "a correction that does not say what is right": (
        {"kind": Kind.CORRECTION, "note": "Six.", "box": publishing.Box("a", " ", 1, 1)},
        "what was wrong and what is right",
    ),
    "a note that is a book": ({"kind": Kind.DEVELOPMENT, "note": "Moved. " * 200}, "1,400 characters"),
    "a note with half a letter": ({"kind": Kind.DEVELOPMENT, "note": "Six \ud83d"}, "Six"),
    "a tightening of nothing": ({"kind": Kind.TIGHTENED}, "Nothing has changed"),
    "a withdrawal by the wrong door": ({"kind": Kind.WITHDRAWN, "note": "Gone."}, "a button of its own"),
}


@pytest.mark.parametrize(("asked", "answer"), REFUSALS.values(), ids=REFUSALS)
def test_what_may_not_be_said_is_refused_and_nothing_is_written(asked, answer):
    story = make.published()
    before = reversion.models.Revision.objects.count()

    with pytest.raises(publishing.Refused, match=answer):
        publishing.publish(story, by=make.editor(), base=1, **asked)

    assert story.revisions.count() == 1
    assert reversion.models.Revision.objects.count() == before


def test_an_editor_whose_base_is_not_the_newest_edition_is_refused():
    story = make.published()
    make.edition(story, headline="Italy signs")

    with pytest.raises(publishing.BaseMoved) as refused:
        publishing.publish(story, kind=Kind.TIGHTENED, by=make.editor(), base=1)

    assert refused.value.newest.number == 2


@pytest.mark.parametrize("role", ["reporter", "letters staff", None])
def test_publishing_without_permission_is_refused_on_the_server(role):
    story = make.story()

    with pytest.raises(PermissionDenied):
        publishing.publish(story, kind=Kind.FIRST, by=make.user(role), base=0)

    assert not story.revisions.exists()


def test_a_story_without_a_lead_is_not_published_whatever_the_reason():
    story = make.story(lead="")

    with pytest.raises(publishing.ChecksFailed, match="no lead"):
        publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="I insist.")


def test_a_warning_is_overridden_with_a_reason_that_stays_on_record():
    story = make.story(sources=[])
    editor = make.editor()

    with pytest.raises(publishing.ChecksFailed, match="names no source"):
        publishing.publish(story, kind=Kind.FIRST, by=editor, base=0)
    edition = publishing.publish(story, kind=Kind.FIRST, by=editor, base=0, reason="The desk saw it happen.")

    assert "names no source" in edition.private_note
    assert "The desk saw it happen." in edition.private_note


def test_a_typo_that_changes_a_number_needs_a_reason():
    story = make.published(lead="Five of 12 members signed.")
    with working_copy.saving(story, by=make.editor(), version=2):
        story.lead = "Five of 21 members signed."
        story.save()

    with pytest.raises(publishing.ChecksFailed, match="number"):
        publishing.publish(story, kind=Kind.TYPO, by=make.editor(), base=1)


def test_one_part_goes_out_alone_while_half_written_drafts_stay():
    story = make.published(lead="Rome is interested.", headline="Italy weighs a deal")
    with working_copy.saving(story, by=make.editor(), version=2):
        story.lead = "Rome has signed."
        story.headline = "Italy si"
        story.save()
    lead = [c for c in compare(newest(story).content, working_copy.read(story)) if c.key == "lead"]

    edition = publishing.publish_part(
        story, changes=lead, kind=Kind.DEVELOPMENT, by=make.editor(), base=1, note="Rome signs."
    )

    assert (edition.headline, edition.lead) == ("Italy weighs a deal", "Rome has signed.")
    story.refresh_from_db()
    assert (story.headline, story.lead) == ("Italy si", "Rome has signed.")


def test_a_key_point_does_not_go_out_alone_when_its_source_would_stay_behind():
    story = make.published()
    with working_copy.saving(story, by=make.editor(), version=2):
        citation = Citation.objects.create(article=story, position=2, source=make.source("The ministry"))
        story.key_points.first().citations.add(citation)
    found = compare(newest(story).content, working_copy.read(story))
    alone = [change for change in found if change.part == "key_point"]
    said_of_it = {"kind": Kind.DEVELOPMENT, "by": make.editor(), "base": 1, "note": "The ministry says so."}

    with pytest.raises(publishing.Refused, match="cites a source"):
        publishing.publish_part(story, changes=alone, **said_of_it)
    edition = publishing.publish_part(story, changes=found, **said_of_it)

    assert edition.content.key_points[0].citations == (str(citation.pk),)


def test_an_urgent_change_is_written_into_the_working_copy_and_the_draft_it_replaces_is_kept():
    story = make.published(lead="Five signed.")
    with working_copy.saving(story, by=make.editor(), version=2):
        story.lead = "Five signed, with a flour"
        story.save()
    content = newest(story).content
    fixed = replace(content, story=replace(content.story, lead="Six signed."))

    publishing.publish_part(
        story,
        changes=compare(content, fixed),
        kind=Kind.DEVELOPMENT,
        by=make.editor(),
        base=1,
        note="Six, not five.",
    )

    story.refresh_from_db()
    assert story.lead == "Six signed."
    drafts = [saved_states.read(state).story.lead for state in story.saved_states.all()]
    assert "Five signed, with a flour" in drafts


def test_a_withdrawn_key_point_stays_in_the_edition_with_its_reason():
    story = make.published()
    with working_copy.saving(story, by=make.editor(), version=2):
        story.key_points.filter(position=1).update(
            verification=Verification.WITHDRAWN, reason="The ministry denies it."
        )

    edition = make.edition(story)

    assert edition.content.key_points[0].reason == "The ministry denies it."


@pytest.mark.django_db(transaction=True)
def test_a_new_edition_is_announced_to_those_who_listen():
    story = make.story()
    listener = psycopg2.connect(**connection.get_connection_params())
    listener.autocommit = True
    listener.cursor().execute("LISTEN editions")

    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0)
    select.select([listener], [], [], 5)
    listener.poll()

    heard = [json.loads(bell.payload) for bell in listener.notifies]
    listener.close()
    assert heard == [{"article": story.pk, "number": 1}]


@pytest.mark.django_db(transaction=True)
def test_twenty_editors_publishing_fifty_times_at_once_make_a_thousand_editions_and_lose_nothing():
    story = make.published(key_points=[f"Editor {n} has not begun." for n in range(20)])
    points = list(story.key_points.values_list("pk", flat=True))
    editors = [make.editor() for _ in range(20)]
    failures = []

    def work(n):
        try:
            for turn in range(50):
                insist(n, f"Editor {n} reports for the {turn}th time.")
        except Exception as failure:
            failures.append(failure)
            raise
        finally:
            connections.close_all()

    def insist(n, text):
        """Save, then publish, each time starting from what is newest now, until neither is refused."""
        while True:
            desk = Desk.objects.select_related("base_edition").get(article=story)
            try:
                with transaction.atomic():
                    with working_copy.saving(story, by=editors[n], version=desk.version):
                        KeyPoint.objects.filter(pk=points[n]).update(text=text)
                    return publishing.publish(
                        story,
                        kind=Kind.DEVELOPMENT,
                        by=editors[n],
                        base=desk.base_number,
                        **said(text),
                    )
            except (working_copy.StaleCopy, publishing.BaseMoved):
                time.sleep(random.uniform(0, 0.5))  # As somebody who reads what has changed.

    threads = [threading.Thread(target=work, args=[n]) for n in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert not failures
    editions = list(story.revisions.order_by("number"))
    assert [edition.number for edition in editions] == list(range(1, 1002))
    told = {edition.note for edition in editions}
    assert told >= {f"Editor {n} reports for the {turn}th time." for n in range(20) for turn in range(50)}
    said_by = [f"Editor {n} has not begun." for n in range(20)]
    for edition in editions[1:]:
        said_by[int(edition.note.split()[1])] = edition.note
        assert [point.text for point in edition.content.key_points] == said_by
