"""Where a story stands, in one word for the list, the front page of the desk and wherever else it is told."""

from enum import StrEnum

from django.db.models import BooleanField, Case, CharField, F, Func, Q, Value, When

from .kinds import Kind
from .snapshot import Pace
from .workflow import Status


class Standing(StrEnum):
    """What is most worth knowing of a story; the order is that of a list to choose from."""

    NOT_PUBLISHED = "not-published"
    IN_REVIEW = "in-review"
    READY = "ready"
    UNPUBLISHED_CHANGES = "unpublished-changes"
    UNCHANGED = "unchanged"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    WITHHELD = "withheld"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Standing.NOT_PUBLISHED: "Not published",
    Standing.IN_REVIEW: "In review",
    Standing.READY: "Ready",
    Standing.UNPUBLISHED_CHANGES: "Unpublished changes",
    Standing.UNCHANGED: "Published, no changes",
    Standing.SETTLED: "Settled",
    Standing.WITHDRAWN: "Withdrawn",
    Standing.WITHHELD: "Withheld",
}


class StandingField(CharField):
    def from_db_value(self, value, expression, connection):
        return Standing(value)


class HasUnpublishedChanges(Func):
    """
    Whether the words of a story, given its key, are others than those of its newest edition.

    Counting saves would not tell: one may save without a change, and publish one part while another is half
    written. So the database compares the words themselves, of many stories at once. What is the site's own (names
    of sources, the note of a format, credits of photos) is no work on this story and is left out.
    """

    output_field = BooleanField()
    template = """EXISTS (
        SELECT FROM articles_article story
        JOIN articles_storyformat format ON format.id = story.format_id
        JOIN articles_topic topic ON topic.id = story.topic_id
        JOIN articles_desk desk ON desk.article_id = story.id
        JOIN articles_revision edition ON edition.id = desk.base_edition_id
        CROSS JOIN LATERAL (SELECT edition.snapshot::jsonb AS had OFFSET 0) readers
        WHERE story.id = %(expressions)s AND (
            NOT had -> 'story' @> jsonb_build_object(
                'headline', story.headline, 'lead', story.lead, 'why_it_matters', story.why_it_matters,
                'kicker', coalesce(nullif(story.kicker, ''), format.kicker), 'language', story.language,
                'share_text', story.share_text)
            OR topic.slug <> had #>> '{story,topic,slug}' AND topic.name <> had #>> '{story,topic,name}'
            OR jsonb_path_query_array(had, '$.story.byline[*].name') <> to_jsonb(ARRAY(
                SELECT author.name FROM articles_article_byline byline
                JOIN articles_author author ON author.id = byline.author_id
                WHERE byline.article_id = story.id ORDER BY author.name))
            OR had -> 'key_points' <> to_jsonb(ARRAY(
                SELECT jsonb_build_object(
                    'id', point.id, 'text', point.text, 'verification', point.verification, 'reason', point.reason,
                    'as_of', to_char(point.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    'citations', to_jsonb(ARRAY(
                        SELECT citation.id FROM articles_keypoint_citations cited
                        JOIN articles_citation citation ON citation.id = cited.citation_id
                        WHERE cited.keypoint_id = point.id ORDER BY citation.position)))
                FROM articles_keypoint point WHERE point.article_id = story.id ORDER BY point.position))
            OR had -> 'sections' <> to_jsonb(ARRAY(
                SELECT jsonb_build_object(
                    'id', section.id, 'heading', section.heading, 'body', section.body, 'role', section.role)
                FROM articles_section section WHERE section.article_id = story.id ORDER BY section.position))
            OR to_jsonb(ARRAY(SELECT cited - 'source' FROM jsonb_array_elements(had -> 'citations') cited))
                <> to_jsonb(ARRAY(
                    SELECT jsonb_build_object(
                        'id', citation.id, 'is_primary', citation.is_primary, 'supports', citation.supports)
                    FROM articles_citation citation
                    WHERE citation.article_id = story.id ORDER BY citation.position))
            OR NOT had -> 'photo' @> coalesce((
                SELECT jsonb_build_object(
                    'id', use.id, 'photo', use.photo_id, 'alt', use.alt, 'caption', use.caption, 'crop', use.crop)
                FROM articles_photouse use WHERE use.article_id = story.id), 'null')))"""


def standing() -> Case:
    """As an expression on stories. Readers' side goes first where there is nothing to read any more."""
    edition = "desk__base_edition"
    return Case(
        When(Q(**{f"{edition}__withholding__isnull": False}), Value(Standing.WITHHELD)),
        When(Q(**{f"{edition}__kind": Kind.WITHDRAWN}), Value(Standing.WITHDRAWN)),
        When(desk__status=Status.IN_REVIEW, then=Value(Standing.IN_REVIEW)),
        When(desk__status=Status.READY, then=Value(Standing.READY)),
        When(Q(**{edition: None}), Value(Standing.NOT_PUBLISHED)),
        When(HasUnpublishedChanges(F("pk")), Value(Standing.UNPUBLISHED_CHANGES)),
        When(Q(**{f"{edition}__pace": Pace.SETTLED}), Value(Standing.SETTLED)),
        default=Value(Standing.UNCHANGED),
        output_field=StandingField(),
    )
