"""Tells the demo's stories through the verbs of the desk, step by step, at times counted back from now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from inspect import cleandoc

import reversion
from django.contrib.auth.models import AbstractUser

from articles import publishing, working_copy
from articles.models import (
    Article,
    Author,
    Citation,
    ConfidentialSource,
    Desk,
    KeyPoint,
    Photo,
    PhotoUse,
    Section,
    Source,
    StoryFormat,
    Topic,
)
from articles.snapshot import SectionRole

from . import script

WRITING_TAKES = timedelta(minutes=6)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """
    Save or publish, once, as if it were `moment`.

    Publishing asks the database for the time, and reversion the machine. A demo whose editions all came out in the
    same second would show nothing; so this is bent, and nothing else: checks, hashes and order are as ever.
    """
    database_clock = publishing.clock
    publishing.clock = lambda: moment
    try:
        with reversion.create_revision():
            reversion.set_date_created(moment)
            yield
    finally:
        publishing.clock = database_clock


class Telling:
    """One story on its way; its parts are found by their names in the script."""

    def __init__(
        self,
        story: script.Story,
        topic: Topic,
        people: dict[str, AbstractUser],
        photos: dict[script.Picture, Photo],
    ):
        self.story, self.photos = story, photos
        self.writer = topic.members.first() or people["reporter"]
        self.editor = people["editor"]
        self.now = publishing.clock()
        self.article = Article(
            topic=topic,
            format=StoryFormat.objects.get(slug=story.format),
            slug=story.slug,
            language=story.language,
            kicker=story.kicker,
            share_text=story.share_text,
        )
        self.key_points: dict[str, KeyPoint] = {}
        self.sections: dict[str, Section] = {}
        self.citations: dict[str, Citation] = {}

    def tell(self) -> Article:
        for step in self.story.steps:
            moment = self.now - step.ago
            match step:
                case script.Edition():
                    self.write(step, moment - WRITING_TAKES)
                    said = {"note": step.note, "box": step.box, "reason": step.reason}
                    self.announce(publishing.publish, moment, kind=step.kind, **said)
                case script.Save():
                    self.write(step, moment)
                case script.Reconfirmed():
                    self.announce(publishing.reconfirm, moment)
                case script.Settled():
                    self.announce(publishing.settle, moment, note=step.note)
        return self.article

    def announce(self, verb, moment: datetime, **said) -> None:
        base = Desk.objects.get(article=self.article).base_number
        with clock_at(moment):
            verb(self.article, by=self.editor, base=base, **said)

    def write(self, save: script.Save, moment: datetime) -> None:
        for name in ("headline", "lead", "why_it_matters"):
            setattr(self.article, name, getattr(save, name) or getattr(self.article, name))
        with clock_at(moment):
            self.article.save()
            self.article.byline.set(Author.objects.filter(slug__in=self.story.byline))
            version = Desk.objects.get(article=self.article).version
            with working_copy.saving(self.article, by=self.writer, version=version):
                self.cite(save, moment)
                self.write_key_points(save, moment)
                self.write_sections(save)
                if picture := save.picture:
                    use = {"alt": picture.alt, "caption": picture.caption}
                    PhotoUse.objects.create(article=self.article, photo=self.photos[picture], **use)

    def cite(self, save: script.Save, moment: datetime) -> None:
        for name, source in save.sources.items():
            place = {"article": self.article, "position": len(self.citations) + 1}
            self.citations[name] = Citation.objects.create(
                supports=source.supports, **place, **_cited(source, moment)
            )

    def write_key_points(self, save: script.Save, moment: datetime) -> None:
        for point in self.key_points.values():
            point.refresh_from_db(fields=["as_of"])  # A re-confirmation has moved it.
        new = {name: KeyPoint(article=self.article) for name in save.key_points if name not in self.key_points}
        self.key_points = {**new, **self.key_points}
        for name, told in save.key_points.items():
            if told is None:
                self.key_points.pop(name).delete()
                continue
            point = self.key_points[name]
            point.text, point.verification, point.reason = told.text, told.verification, told.reason
            point.as_of = moment
        for position, (name, point) in enumerate(self.key_points.items(), start=1):
            point.position = position
            point.save()
            if told := save.key_points.get(name):
                point.citations.set(self.citations[source] for source in told.cites)

    def write_sections(self, save: script.Save) -> None:
        for heading, body in save.sections.items():
            role = SectionRole.CONTEXT if heading.startswith(">") else SectionRole.DEVELOPMENT
            section = self.sections.setdefault(heading, Section(article=self.article, role=role))
            section.heading, section.body = heading.lstrip("> "), cleandoc(body)
        in_order = sorted(self.sections.values(), key=lambda section: section.role == SectionRole.CONTEXT)
        for position, section in enumerate(in_order, start=1):
            section.position = position
            section.save()


def _cited(source: script.Source | script.ConfidentialSource, moment: datetime) -> dict:
    """What makes a citation one of this source."""
    if isinstance(source, script.ConfidentialSource):
        kept = ConfidentialSource.objects.create(name=source.name, contact=source.contact, notes=source.notes)
        return {"confidential_source": kept}
    names = ("publisher", "title", "url", "kind", "language")
    known = {name: getattr(source, name) for name in names}
    kept, _ = Source.objects.get_or_create(**known, defaults={"accessed_on": moment.date()})
    return {"source": kept, "is_primary": source.is_primary}
