"""Builders: ordinary functions that make what a test needs, through the verbs where there is one."""

import io
import itertools
from datetime import UTC, datetime, timedelta

import reversion
import reversion.models
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from reversion.models import Version

from articles import photos, publishing, working_copy
from articles.kinds import Kind
from articles.models import (
    Article,
    Author,
    Citation,
    ConfidentialSource,
    Desk,
    ErrorReport,
    KeyPoint,
    OpenPages,
    Photo,
    PhotoUse,
    SavedState,
    Section,
    Source,
    StoryFormat,
    Tally,
    Topic,
    UnsavedText,
    Withholding,
)
from newsletter import digest, emails, outbox
from newsletter.models import Issue, IssueStory, Newsletter, Subscriber, SubscriberImport, Subscription, Wording
from newsroom.passwords import mail_link

_numbers = itertools.count(1)
KEPT = ("db", "format", "serialized_data", "object_repr")


def user(role: str | None = None, *, username: str = "", **fields):
    """A staff user in `role`'s group (reporter, editor, chief, letters staff); the password is the username."""
    username = username or f"{(role or 'nobody').replace(' ', '-')}-{next(_numbers)}"
    fields = {"email": f"{username}@newsroom.example", "is_staff": True, **fields}
    person = get_user_model().objects.create_user(username, password=username, **fields)
    if role:
        person.groups.add(Group.objects.get(name=role))
    return person


def editor():
    return user("editor")


def topic(name: str = "", **fields) -> Topic:
    name = name or f"Topic {next(_numbers)}"
    return Topic.objects.create(name=name, **{"slug": name.lower().replace(" ", "-"), **fields})


def story_format(**fields) -> StoryFormat:
    if not fields:
        return StoryFormat.objects.get(slug="news-update")
    number = next(_numbers)
    return StoryFormat.objects.create(
        **{
            "slug": f"format-{number}",
            "name": f"Format {number}",
            "kicker": "Update",
            "note": "Kept so.",
            **fields,
        }
    )


def author(name: str = "Olena Hrytsenko", **fields) -> Author:
    return Author.objects.create(name=name, **{"slug": f"author-{next(_numbers)}", **fields})


def source(publisher: str = "Example Agency", *, is_confidential: bool = False, **fields):
    if is_confidential:
        return ConfidentialSource.objects.create(name=publisher, **fields)
    number = next(_numbers)
    return Source.objects.create(
        publisher=publisher,
        **{"title": f"Report {number}", "url": f"https://agency.example/{number}", **fields},
    )


def picture(name: str = "picture.jpg", image: Image.Image | None = None, **encoding) -> ContentFile:
    """An upload: the image, or a plain one of the smallest size we take, in the type the name says."""
    content = io.BytesIO()
    content.name = name
    (image or Image.new("RGB", (400, 400), "steelblue")).save(content, **encoding)
    return ContentFile(content.getvalue(), name)


def photo(file: ContentFile | None = None, *, credit: str = "Vira Koval", is_ready: bool = True, **fields) -> Photo:
    """A photo taken in, with its renditions unless it is not to be ready."""
    taken = photos.take_in(file or picture(), credit=credit, **fields)
    if is_ready:
        photos.process(taken.pk)
        taken.refresh_from_db()
    return taken


def story(
    headline: str = "Italy weighs a drone deal",
    *,
    key_points: list[str] = ("Italy is interested.", "Norway signed first."),
    sections: list[tuple[str, str]] = (("What happened", "<p>The two leaders met in Rome.</p>"),),
    sources: list | None = None,
    byline: list[Author] | None = None,
    photo: Photo | None = None,
    by=None,
    **fields,
) -> Article:
    """A working copy that could be published, saved once."""
    article = Article(
        headline=headline,
        **{
            "lead": "Rome wants to build drones with Kyiv, the president said on Wednesday.",
            "why_it_matters": "It would be the first such deal with a large member of the bloc.",
            "slug": f"story-{next(_numbers)}",
            "language": "en-gb",
            **fields,
        },
    )
    article.topic_id or setattr(article, "topic", topic())
    article.format_id or setattr(article, "format", story_format())
    article.save()
    with working_copy.saving(article, by=by or editor(), version=0, comment="Begun"):
        article.byline.set([author()] if byline is None else byline)
        for position, cited in enumerate([source()] if sources is None else sources, start=1):
            kind = "confidential_source" if isinstance(cited, ConfidentialSource) else "source"
            Citation.objects.create(article=article, position=position, **{kind: cited})
        for position, text in enumerate(key_points, start=1):
            KeyPoint.objects.create(
                article=article, position=position, text=text, as_of=datetime(2026, 4, 15, 9, 0, tzinfo=UTC)
            )
        for position, (heading, body) in enumerate(sections, start=1):
            Section.objects.create(article=article, position=position, heading=heading, body=body)
        if photo:
            PhotoUse.objects.create(article=article, photo=photo, alt="Two people shake hands.")
    article.refresh_from_db()
    return article


def published(headline: str = "Italy weighs a drone deal", *, by=None, **fields) -> Article:
    """A story with its first edition out."""
    by = by or editor()
    article = story(headline, by=by, **fields)
    publishing.publish(article, kind=Kind.FIRST, by=by, base=0, reason="As a test needs it.")
    article.refresh_from_db()
    return article


def edition(
    article: Article,
    *,
    by=None,
    kind: Kind = Kind.DEVELOPMENT,
    note: str | None = None,
    is_mailed: bool = True,
    change=None,
    **fields,
):
    """The next edition, after setting `fields` of the working copy; `change` is called to change its parts."""
    by = by or editor()
    article.refresh_from_db()
    desk = working_copy.Desk.objects.get(article=article)
    if fields or change:
        with working_copy.saving(article, by=by, version=desk.version):
            for name, value in fields.items():
                setattr(article, name, value)
            article.save()
            if change:
                change()
    if note is None:
        note = "Something moved." if kind.rule.note.value == "required" else ""
    said = {"note": note, "is_mailed": is_mailed, "reason": "As a test needs it."}
    return publishing.publish(article, kind=kind, by=by, base=desk.base_number, **said)


def saves(article: Article, count: int) -> None:
    """Let a story have `count` saves more, each like its newest, written straight into the history."""
    newest = article.saved_states.first()
    kept = list(newest.revision.version_set.values("object_id", "content_type_id", *KEPT))
    at, by = newest.revision.date_created, newest.revision.user
    revisions = reversion.models.Revision.objects.bulk_create(
        reversion.models.Revision(date_created=at + timedelta(seconds=n), user=by, comment="Changed lead")
        for n in range(1, count + 1)
    )
    versions = (Version(revision=revision, **fields) for revision in revisions for fields in kept)
    Version.objects.bulk_create(versions, batch_size=1_000)
    states = enumerate(revisions, start=newest.version + 1)
    SavedState.objects.bulk_create(SavedState(revision=r, article=article, version=n) for n, r in states)
    Desk.objects.filter(article=article).update(version=newest.version + count)


def deleted(thing, count: int) -> None:
    """As if `count` rows more like this one had been there and were deleted; it must have been kept once."""
    newest = Version.objects.get_for_object(thing).first()
    fields = {name: getattr(newest, name) for name in ("revision_id", "content_type_id", *KEPT)}
    ids = range(1_000_000, 1_000_000 + count)
    Version.objects.bulk_create((Version(object_id=pk, **fields) for pk in ids), batch_size=1_000)


def newsletter(
    title: str = "Get the next Ukraine update", *, wording: str = "We write to you.", **fields
) -> Newsletter:
    """A letter that takes sign-ups, with the first version of its wording; of the whole site unless told."""
    letter = Newsletter.objects.create(
        title=title, **{"slug": f"letter-{next(_numbers)}", "promise": "What moved, in one mail.", **fields}
    )
    Wording.objects.create(newsletter=letter, version=1, text=wording)
    return letter


def subscriber(address: str = "", **fields) -> Subscriber:
    return Subscriber.objects.create(address=address or f"reader-{next(_numbers)}@reader.example", **fields)


def subscription(subscriber_: Subscriber | None = None, *, is_active: bool = True, **fields) -> Subscription:
    """To `newsletter` or `article`; to a new letter, if neither is told."""
    if not fields.keys() & {"newsletter", "article"}:
        fields["newsletter"] = newsletter()
    if is_active:
        fields.setdefault("confirmed_at", datetime(2026, 4, 15, 9, 0, tzinfo=UTC))
    return Subscription.objects.create(subscriber=subscriber_ or subscriber(), **fields)


def issue(newsletter_: Newsletter | None = None, *, stories: list[Article] = (), **fields) -> Issue:
    """A draft of staff."""
    fields = {"subject": "This week", "intro": "<p>Good morning.</p>", **fields}
    made = Issue.objects.create(newsletter=newsletter_ or newsletter(topic=topic()), **fields)
    for place, story_ in enumerate(stories, start=1):
        IssueStory.objects.create(issue=made, article=story_, position=place)
    return made


def everything() -> Article:
    """A story with a row of every kind, public, and changed since; its topic's member is the reporter "member"."""
    chief, member = user("chief"), user("reporter", username="member")
    article = published(
        topic=topic("Ukraine"),
        slug="talks",
        photo=photo(),
        sources=[source(), source("A friend", is_confidential=True)],
        by=chief,
    )
    article.topic.members.add(member)
    article.slug = "drone-deal"
    article.save()
    box = publishing.Box("Five signed.", "Six signed.", 1, 1)
    publishing.publish(
        article, kind=Kind.CORRECTION, by=chief, base=1, note="Six signed.", box=box, reason="A test."
    )
    edition(article, headline="Italy signs a drone deal", by=chief)
    UnsavedText.objects.create(article=article, user=chief)
    Tally.objects.count_one("somebody", timezone.now() + timedelta(hours=1))
    ErrorReport.objects.create(article=article, edition=1, text="It was six.")
    letter = newsletter(slug="ukraine", topic=article.topic)
    subscription(newsletter=letter, is_active=False)
    issue(letter, stories=[article], by=chief)
    SubscriberImport.objects.create(newsletter=letter, provenance="The fair.", by=chief)
    digest.start(Issue.objects.create(newsletter=letter, subject="Last week"))
    mail = emails.sample("confirm", "en", letter)
    mail.subscriber = Subscriber.objects.get()
    outbox.EmailBackend().send_messages([mail])
    OpenPages.objects.create(article=article, readers=3, counted_at=timezone.now())
    withheld = published("A name", topic=article.topic, by=chief).desk.base_edition
    Withholding.objects.create(revision=withheld, category="law", by=chief, by_name="Chief")
    mail_link.enqueue(member.pk)
    deleted = [story("Begun in vain", by=chief), source()]
    with reversion.create_revision():
        deleted[1].save()
    for thing in deleted:
        thing.delete()
    return article
