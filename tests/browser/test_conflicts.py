"""Two people, or two tabs of one, on one story in browsers: each is shown what the other did, and no word goes."""

from datetime import timedelta

import pytest
from django.db.models import F

from articles import saved_states
from articles.kinds import Kind
from articles.models import Article, Desk
from tests import make
from tests.articles.forms import road
from tests.browser.chromium import crash

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OURS = {"headline": "Italy weighs a drone deal", "lead": "Rome waits."}


@pytest.fixture
def story():
    return make.published(**OURS, sections=[("What happened", "<p>They met in Rome.</p>")], by=make.user("chief"))


def log_in(page, name):
    make.user("chief", username=name)
    page.goto("/desk/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", name)
    page.click("form [type=submit]")
    page.wait_for_selector("#user-tools")
    return page


@pytest.fixture
def borys(page):
    """The window of the one who comes late."""
    return log_in(page, "borys")


@pytest.fixture
def anna(browser, live_server):
    """The window of the one who is quicker, in a browser of her own."""
    context = browser.new_context(base_url=live_server.url)
    yield log_in(context.new_page(), "anna")
    context.close()


def opened(page, story, name="change"):
    page.goto(road(story, name))
    if name == "change":
        page.wait_for_selector("story-rail")
    return page


def saved(page, button="[name=_save]"):
    page.click(button)
    page.wait_for_selector(".messagelist .success")


def kept(page):
    page.wait_for_selector("[data-kept]:has-text('Kept at')")


def in_conflict(page, button="[name=_save]"):
    page.click(button)
    page.wait_for_selector(".conflict")
    return page.locator(".conflict")


def changed(side) -> list[str]:
    return [" ".join(words.split()) for words in side.locator("del, ins").all_inner_texts()]


def now(story) -> Article:
    return Article.objects.get(pk=story.pk)


def history(story) -> list[str]:
    return [saved_states.read(state).story.lead for state in story.saved_states.all()]


@pytest.mark.parametrize("name", ["change", "tighten"])
@pytest.mark.parametrize(("choice", "lead"), [("mine", "Rome has refused."), ("theirs", "Rome has signed.")])
def test_both_wrote_the_lead_and_the_late_one_chooses(anna, borys, story, name, choice, lead):
    opened(borys, story, name)
    opened(anna, story).fill("#id_lead", "Rome has signed.")
    saved(anna)
    borys.fill("#id_lead", "Rome has refused.")

    conflict = in_conflict(borys)
    assert "Saved by anna" in conflict.inner_text() and "Take theirs, saved by anna" in conflict.inner_text()
    mine, theirs = conflict.locator(".conflict__part > div").all()
    assert changed(mine) == ["removed: waits", "added: has refused"]
    assert changed(theirs) == ["removed: waits", "added: has signed"]
    borys.check(f"[name=take-lead][value={choice}]")
    saved(borys, ".submit-row .default")

    assert now(story).lead == lead
    assert "Rome has signed." in history(story)
    assert borys.locator(".offer:visible").count() == 0


@pytest.mark.parametrize("name", ["change", "tighten"])
def test_each_wrote_something_else_and_the_story_has_both(anna, borys, story, name):
    opened(borys, story, name)
    opened(anna, story).fill("#id_headline", "Italy signs a drone deal")
    saved(anna)
    borys.fill("#id_lead", "Rome has decided.")

    conflict = in_conflict(borys)
    assert "no part of it was changed by both of you" in " ".join(conflict.inner_text().split())
    saved(borys, ".submit-row .default")

    assert (now(story).headline, now(story).lead) == ("Italy signs a drone deal", "Rome has decided.")


@pytest.mark.parametrize("name", ["change", "tighten"])
def test_two_tabs_of_one_person_are_brought_together_and_nobody_else_is_named(borys, story, name):
    opened(borys, story, name)
    other = opened(borys.context.new_page(), story)
    other.fill("#id_lead", "Rome has signed.")
    saved(other)
    borys.fill("#id_lead", "Rome has refused.")

    conflict = in_conflict(borys)
    assert "You saved this story in another tab" in conflict.inner_text()
    assert "Somebody" not in conflict.inner_text() and "theirs" not in conflict.inner_text()
    borys.check("[name=take-lead][value=mine]")
    saved(borys, ".submit-row .default")

    assert history(story)[:2] == ["Rome has refused.", "Rome has signed."]


def test_a_choice_that_was_not_made_loses_nothing(anna, borys, story):
    opened(borys, story, "tighten")
    opened(anna, story).fill("#id_lead", "Rome has signed.")
    saved(anna)
    borys.fill("#id_lead", "Rome has refused.")
    in_conflict(borys)

    again = in_conflict(borys, ".submit-row .default")

    assert "Not saved yet" in again.inner_text() and "refused" in again.inner_text()
    assert now(story).lead == "Rome has signed."


def test_a_tab_that_dies_before_the_choice_loses_nothing(anna, borys, story):
    opened(borys, story, "tighten")
    opened(anna, story).fill("#id_lead", "Rome has signed.")
    saved(anna)
    borys.fill("#id_lead", "Rome has refused.")
    in_conflict(borys)
    again = borys.context.new_page()
    crash(borys)

    opened(again, story, "tighten").click("[data-bring-back]")

    assert again.input_value("#id_lead") == "Rome has refused."
    assert "refused" in in_conflict(again).inner_text()


def test_a_section_that_the_other_took_out_is_not_lost_with_what_was_typed_into_it(anna, borys, story):
    opened(borys, story)
    opened(anna, story).check("[name=sections-0-DELETE]")
    saved(anna)
    borys.frame_locator("#sections-0 iframe").locator("body").click()
    borys.keyboard.press("Control+End")
    borys.keyboard.type(" Then they signed.")

    conflict = in_conflict(borys)
    assert "Then they signed." in conflict.inner_text()
    borys.check("[name^='take-section'][value=mine]")
    saved(borys, ".submit-row .default")

    assert story.sections.get().body == "<p>They met in Rome. Then they signed.</p>"


def test_an_edition_that_came_out_meanwhile_is_shown_before_anything_goes_out(anna, borys, story):
    Article.objects.filter(pk=story.pk).update(why_it_matters="It would be the first.")
    opened(borys, story, "publish").fill("#id_note", "Why it matters, said better.")
    opened(anna, story, "tighten").fill("#id_lead", "Rome has signed.")
    anna.fill("#id_note", "It is signed.")
    saved(anna, "[name=_publish]")

    borys.click(".submit-row .default")
    borys.wait_for_selector(".errorlist:has-text('Edition 2 came out')")

    assert story.revisions.count() == 2
    assert borys.input_value("#id_note") == "Why it matters, said better."
    saved(borys, ".submit-row .default")
    notes = [edition.note for edition in story.revisions.all()]
    assert notes[:2] == ["Why it matters, said better.", "It is signed."]


def test_what_was_saved_meanwhile_does_not_go_out_unseen(anna, borys, story):
    Article.objects.filter(pk=story.pk).update(why_it_matters="It would be the first.")
    opened(borys, story, "publish").fill("#id_note", "Why it matters, said better.")
    opened(anna, story).fill("#id_lead", "A draft that nobody has checked.")
    saved(anna)

    borys.click(".submit-row .default")
    borys.wait_for_selector(".errorlist:has-text('saved while you were looking')")

    assert story.revisions.count() == 1
    assert borys.input_value("#id_note") == "Why it matters, said better."
    assert "nobody has checked" in borys.locator(".publish").inner_text()


def test_who_tightens_does_not_publish_over_an_edition_they_have_not_seen(anna, borys, story):
    opened(borys, story, "tighten").fill("#id_lead", "Rome has refused.")
    borys.fill("#id_note", "Rome has said no.")
    opened(anna, story, "settle").fill("#id_note", "Nothing more will come.")
    saved(anna, ".submit-row .default")

    assert "Settled" in in_conflict(borys, "[name=_publish]").inner_text()
    borys.click(".submit-row .default")
    borys.wait_for_selector(".messagelist .warning:has-text('look at it, then publish')")

    assert story.revisions.count() == 2
    assert now(story).lead == "Rome has refused."
    assert borys.input_value("#id_note") == "Rome has said no."


@pytest.mark.parametrize("button", ["[name=_save]", "[name=_publish]"])
def test_a_story_withdrawn_while_somebody_writes_keeps_their_text_and_stays_withdrawn(anna, borys, story, button):
    opened(borys, story).fill("#id_lead", "Rome has refused.")
    kept(borys)
    opened(anna, story, "withdraw").fill("#id_note", "It was not so.")
    saved(anna, ".submit-row .default")

    assert "Withdrawn" in in_conflict(borys, button).inner_text()
    borys.click(".submit-row .default")
    borys.wait_for_selector(".messagelist .success" if button == "[name=_save]" else ".errorlist")

    assert now(story).lead == "Rome has refused."
    assert Kind(Desk.objects.get(article=story).base_edition.kind) == Kind.WITHDRAWN


def test_who_was_away_is_taken_over_from_and_loses_nothing(anna, borys, story):
    opened(anna, story).fill("#id_lead", "Rome has signed.")
    kept(anna)
    anna.context.set_offline(True)
    opened(borys, story).wait_for_selector(".presence:has-text('anna has this story open')")
    Desk.objects.filter(article=story).update(editing_seen_at=F("editing_seen_at") - timedelta(seconds=61))
    borys.wait_for_selector(".presence:has-text('You have taken over from anna')")
    borys.fill("#id_lead", "Rome has refused.")
    saved(borys)

    anna.context.set_offline(False)
    conflict = in_conflict(anna)

    assert all(words in conflict.inner_text() for words in ("Saved by borys", "has refused", "has signed"))
    assert now(story).lead == "Rome has refused."


@pytest.mark.fails("/rail/", "/presence/")
def test_a_draft_deleted_while_somebody_writes_comes_back_with_their_text(anna, borys):
    draft = make.story(**OURS)
    opened(borys, draft)
    anna.goto(road(draft, "delete"))
    anna.click("#content [type=submit]")
    anna.wait_for_selector(".messagelist .success")
    borys.fill("#id_lead", "Rome has refused.")
    borys.wait_for_selector("[data-kept]:has-text('this browser does')")

    anna.goto("/desk/articles/article/recover/")
    anna.click("#content-main a")
    anna.click("#content [type=submit]")
    anna.wait_for_selector(".messagelist .success")
    opened(borys, draft).click("[name=bring_back]")

    assert borys.input_value("#id_lead") == "Rome has refused."
