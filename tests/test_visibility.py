"""What readers were not given, nobody but its own desk can find: planted words, looked for in all one can get."""

from collections import deque

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from articles import publishing, withholding, working_copy
from articles.models import Article, Citation, KeyPoint, PhotoUse, Section
from articles.workflow import Status
from newsletter.models import Issue, Letter, LetterStory
from tests import make, roads

pytestmark = pytest.mark.django_db

# In the words of stories that are not public; and in the library that all reporters share, for such stories alone.
CANARY, LIBRARY = "quokka", "wallaby"
# In what the table of confidential sources holds, for those with its permission alone.
SEALED = "numbat"


@pytest.fixture
def harbour():
    """A topic that one reporter works on."""
    return topic_of(make.user("reporter"), "Harbour")


@pytest.fixture
def stranger():
    """A reporter of another topic."""
    reporter = make.user("reporter", username="stranger")
    make.published("A bridge opens", topic=topic_of(reporter, "Bridges"))
    client = Client(raise_request_exception=False)
    client.force_login(reporter)
    return client


def topic_of(reporter, name):
    topic = make.topic(name)
    topic.members.add(reporter)
    return topic


def full_of_canaries(harbour, slug: str, status=Status.DRAFT) -> Article:
    """A working copy in which every part that can be written has the planted word."""
    story = make.story(
        f"The {CANARY} headline",
        topic=harbour,
        slug=f"{slug}-{CANARY}",
        kicker=f"{CANARY} kicker",
        lead=f"The {CANARY} lead.",
        why_it_matters=f"The {CANARY} matters.",
        share_text=f"Share the {CANARY}",
        key_points=[f"A {CANARY} key point"],
        sections=[(f"{CANARY} heading", f"<p>A {CANARY} body.</p>")],
        sources=[
            make.source(f"The {LIBRARY} agency", title=f"{LIBRARY} report {slug}"),
            make.source(f"A {SEALED} in Rome", is_confidential=True, contact=SEALED, notes=SEALED),
        ],
        by=make.user("chief"),
    )
    photo = make.photo(make.picture(f"{LIBRARY}.jpg"), credit=f"{LIBRARY} credit", is_ready=False)
    PhotoUse.objects.create(article=story, photo=photo, alt=f"A {CANARY} swims.", caption=f"{CANARY} caption")
    story.citations.update(supports=f"the {CANARY}")
    working_copy.Desk.objects.filter(article=story).update(status=status)
    return story


@pytest.fixture
def hidden(harbour):
    """A draft, one in review, one withdrawn, two withheld, and a public story that is being rewritten."""
    draft = full_of_canaries(harbour, "draft")
    in_review = full_of_canaries(harbour, "in-review", Status.IN_REVIEW)
    gone = [withdrawn(harbour), withheld(harbour), withheld_within(harbour)]
    return [draft, in_review, *gone, rewritten(harbour)]


@pytest.fixture
def issues(hidden):
    """Of the letter of that topic: one that told what was taken back since, and some that were never sent."""
    letter, now = make.newsletter(slug="harbour", topic=hidden[0].topic), timezone.now()
    sent = Issue.objects.create(
        newsletter=letter, subject="This week", state="sent", started_at=now, finished_at=now
    )
    for story in hidden:
        for edition in story.revisions.filter(number__lte=3).exclude(desk__isnull=False):
            told = Letter.objects.create(issue=sent, had=f"{edition.pk}:0", language="en")
            LetterStory.objects.create(letter=told, article=story, edition=edition, position=edition.number)
    for state in ("draft", "scheduled", "cancelled"):
        words = {"subject": CANARY, "preheader": CANARY, "intro": f"<p>{CANARY}</p>"}
        issue = Issue.objects.create(newsletter=letter, state=state, send_at=now, finished_at=now, **words)
        issue.stories.create(article=hidden[0], position=1)
    return [sent, *Issue.objects.exclude(pk=sent.pk)]


def withdrawn(harbour) -> Article:
    story = full_of_canaries(harbour, "withdrawn")
    story.photo_use.delete()
    chief = make.user("chief")
    publishing.publish(story, kind=publishing.Kind.FIRST, by=chief, base=0, reason="For the test.")
    publishing.withdraw(story, by=chief, base=1, note="It did not happen.", private_note=CANARY)
    return story


def withheld(harbour) -> Article:
    """Gone for readers, with an address that says too much, and one that it had before."""
    story = full_of_canaries(harbour, "withheld")
    story.photo_use.delete()
    chief = make.user("chief")
    said = {"by": chief, "note": f"A {CANARY} is named.", "private_note": CANARY, "reason": "For the test."}
    publishing.publish(story, kind=publishing.Kind.FIRST, base=0, **said)
    box = publishing.Box(f"A {CANARY} swam.", f"A {CANARY} ran.", 1, 1)
    publishing.publish(story, kind=publishing.Kind.CORRECTION, base=1, box=box, **said)
    story.slug = f"withheld-{CANARY}-still"
    story.save()
    withholding.withhold(story, numbers=None, category="safety", by=chief)
    return story


def withheld_within(harbour) -> Article:
    """A public story of which the editions in the middle, a correction among them, said what may not be said."""
    chief = make.user("chief")
    story = make.published("A crane is lifted", topic=harbour, slug="crane", by=chief)
    words = {name: f"The {CANARY} {name}." for name in ("headline", "lead", "why_it_matters", "share_text")}

    def say_too_much():
        KeyPoint.objects.create(article=story, position=9, text=CANARY)
        Section.objects.create(article=story, position=9, heading=CANARY, body=f"<p>{CANARY}</p>")
        story.citations.update(supports=CANARY)

    def take_it_back():
        KeyPoint.objects.filter(text=CANARY).delete()
        Section.objects.filter(heading=CANARY).delete()
        story.citations.update(supports="")

    before = {name: getattr(story, name) for name in words}
    make.edition(story, note=f"A {CANARY}.", kicker=CANARY, change=say_too_much, by=chief, **words)
    box = publishing.Box(f"A {CANARY} swam.", f"A {CANARY} ran.", 2, 2)
    said = {"by": chief, "base": 2, "note": f"The {CANARY} ran.", "private_note": CANARY, "reason": "For the test."}
    publishing.publish(story, kind=publishing.Kind.CORRECTION, box=box, **said)
    withholding.withhold(story, numbers=[2, 3], category="law", by=chief)
    make.edition(story, note="She is lifted.", kicker="", change=take_it_back, by=chief, **before)
    make.edition(story, note="She stands.", lead="She stands on the quay.", by=chief)
    return story


def rewritten(harbour) -> Article:
    chief = make.user("chief")
    story = make.published("A ship is launched", topic=harbour, slug="ship", by=chief)
    publishing.publish_part(
        story,
        changes=(),
        kind=publishing.Kind.SETTLED,
        by=chief,
        base=1,
        note="She floats.",
        private_note=CANARY,
        reason=CANARY,
    )
    desk = working_copy.Desk.objects.get(article=story)
    confidential = make.source(f"A {SEALED} on board", is_confidential=True)
    with working_copy.saving(story, by=chief, version=desk.version, comment=CANARY):
        story.headline, story.lead, story.why_it_matters = (f"The {CANARY} {part}" for part in "abc")
        story.kicker = story.share_text = CANARY
        story.save()
        KeyPoint.objects.create(article=story, position=9, text=CANARY)
        Section.objects.create(article=story, position=9, heading=CANARY, body=f"<p>{CANARY}</p>")
        Citation.objects.create(article=story, position=9, confidential_source=confidential, supports=CANARY)
        photo = make.photo(credit=f"{LIBRARY} credit", title=f"A {LIBRARY}")
        PhotoUse.objects.create(article=story, photo=photo, alt=CANARY, caption=CANARY)
    return story


def crawl(client, beginnings) -> dict[str, object]:
    """The answers at these addresses and at all they lead on to but static files, by address."""
    answers, waiting = {}, deque(beginnings)
    while waiting:
        address = waiting.popleft()
        if address not in answers and not address.startswith(("/static/", "/desk/logout/")):
            answers[address] = client.get(address)
            waiting.extend(sorted(filter(leads_on, roads.links(answers[address]))))
    return answers


def leads_on(address) -> bool:
    """Every order and filter of a list is a link too, and leads to all combinations of them."""
    query = address.partition("?")[2]
    return "&" not in query and not query.startswith(("o=", "_changelist_filters="))


def hits(answers, *words) -> list[str]:
    """Where one of the words is in what came back, beyond what was asked with."""
    return [
        f"{response.status_code} {address}: {word}"
        for address, response in answers.items()
        for word in words
        if word in (response.content.decode(errors="replace") + str(response.headers)).lower()
        and word not in address
    ]


def every_address(stories) -> list[str]:
    return [address for road in roads.every_road() for story in stories for address in roads.addresses(road, story)]


def choosers() -> list[str]:
    """What the desk's choosers could be asked for, whether or not a form of ours does."""
    relations = [
        (model._meta, field.name)
        for model in apps.get_models()
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.is_relation
    ]
    return [
        f"/desk/autocomplete/?app_label={meta.app_label}&model_name={meta.model_name}&field_name={name}&term="
        for meta, name in relations
    ]


def shortcuts(stories) -> list[str]:
    """The admin's road from a type and a key to the page of a thing."""
    return [
        f"/desk/r/{ContentType.objects.get_for_model(thing).pk}/{thing.pk}/"
        for story in stories
        for thing in (story, *story.revisions.all(), story.topic)
    ]


def lists() -> list[str]:
    found = [f"/desk/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
    return [f"{address}?{query}" for address in found for query in (f"q={CANARY[:2]}", "all=")]


def test_a_reader_finds_nothing_that_was_not_published(reader, hidden, record_property):
    answers = crawl(
        reader, ["/", "/feeds/", "/robots.txt", *every_address(hidden), *choosers(), *shortcuts(hidden)]
    )

    record_property("addresses a reader crawled for hidden words", len(answers))
    assert "A ship is launched" in answers["/"].content.decode()
    assert "A crane is lifted" in answers["/"].content.decode()
    assert len(answers) > 150
    files = {answer.status_code for address, answer in answers.items() if address.startswith("/media/")}
    assert files == {404}
    unpublished = [str(use.photo_id) for use in PhotoUse.objects.all()]
    assert hits(answers, CANARY, LIBRARY, SEALED, *unpublished) == []


def test_past_issues_say_nothing_that_was_not_sent_or_was_taken_back(reader, issues):
    sent, *others = issues

    answers = crawl(reader, ["/newsletters/", *(issue.web_address for issue in issues)])

    assert answers["/newsletters/harbour/issues/"].status_code == 200
    assert "taken back since" in answers[sent.web_address].text
    assert {answers[issue.web_address].status_code for issue in others} == {404}
    assert hits(answers, CANARY, LIBRARY, SEALED) == []


def test_a_reporter_of_another_desk_finds_nothing_either(stranger, hidden, record_property):
    answers = crawl(stranger, ["/", "/desk/", *every_address(hidden), *choosers(), *shortcuts(hidden), *lists()])

    record_property("addresses another desk's reporter crawled for hidden words", len(answers))
    assert "A bridge opens" in answers["/desk/articles/article/"].content.decode()
    assert not [address for address, response in answers.items() if response.status_code == 500]
    assert hits(answers, CANARY, SEALED) == []


@pytest.mark.parametrize("who", ["harbour", "letters staff", None])
def test_a_confidential_source_is_known_to_nobody_without_its_permission(hidden, who, record_property):
    """Not to the story's own reporter either, who works on all that the story says."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(topics__name="Harbour") if who == "harbour" else make.user(who))

    answers = crawl(client, ["/", "/desk/", *every_address(hidden), *choosers(), *lists()])

    record_property(f"addresses crawled for confidential sources ({who})", len(answers))
    assert bool(hits(answers, CANARY)) == (who == "harbour")
    assert hits(answers, SEALED) == []


def test_a_confidential_source_is_read_by_those_with_its_permission(hidden, client_for):
    answers = crawl(client_for(make.editor()), ["/desk/articles/confidentialsource/"])

    assert hits(answers, SEALED)


def test_a_list_cannot_be_asked_about_stories_it_does_not_show(stranger, hidden):
    questions = {
        f"/desk/articles/{model._meta.model_name}/?{field.name}__{way}__startswith={CANARY}"
        for model in admin.site._registry
        for field in model._meta.get_fields()
        if field.is_relation and model._meta.app_label == "articles"
        for way in ("headline", "article__headline", "story__headline", "name")
    }

    answers = {question: stranger.get(question) for question in questions}

    assert len(answers) > 50
    leaks = [question for question, response in answers.items() if response.status_code in (200, 500)]
    assert leaks == []


def test_the_address_of_a_draft_answers_as_one_that_never_was(reader, hidden):
    draft = hidden[0]
    never = Article(topic=draft.topic, slug="never-was")

    for suffix in ["", "changes/", "revisions/1/", "?a=b"]:
        answers = [reader.get(story.get_absolute_url() + suffix) for story in (draft, never)]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
