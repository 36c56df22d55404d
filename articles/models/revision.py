import hashlib
from dataclasses import replace
from functools import cached_property

import rfc8785
from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from .. import changes as changes_between
from .. import snapshot as snapshots
from ..kinds import Kind
from ..snapshot import Snapshot, timestamp
from .addresses import address
from .article import Article


def photo_file() -> KeyTextTransform:
    """What the renditions of an edition's photo are named by, from its content in the database."""
    return KeyTextTransform("file", KeyTransform("photo", Cast("snapshot", models.JSONField())))


class RevisionQuerySet(models.QuerySet):
    def newest(self):
        """The newest edition of every story, of withdrawn ones too."""
        return self.filter(desk__isnull=False)

    def with_words(self):
        """Without those that are withheld, of which only numbers, times and hashes are left."""
        return self.filter(snapshot__isnull=False)

    def withheld(self):
        return self.filter(withholding__isnull=False)

    def untold_of(self, article):
        """The numbers of a story's editions that were withheld together with their correction."""
        return (
            self.withheld().filter(correction__article=article).order_by("number").values_list("number", flat=True)
        )

    def public(self):
        """The newest edition of every story that readers may see. Public pages read nothing else."""
        return self.newest().with_words().exclude(kind=Kind.WITHDRAWN)

    def readable(self):
        """Every edition, old and withheld ones too, of the stories that readers may see."""
        return self.filter(article__desk__base_edition__in=Revision.objects.public())

    def announced(self):
        """Every edition that may be told of: the readable ones, and those that withdrew a story."""
        is_readable = models.Q(article__desk__base_edition__in=Revision.objects.public())
        return self.with_words().filter(is_readable | models.Q(desk__isnull=False))

    def taken_back(self):
        """
        Those that readers were given and have no more, with when that ended as `taken_back_at`: of a story that is
        not public all but the newest, and what is withheld.
        """
        newest = "article__desk__base_edition"
        is_gone = models.Q(desk=None) & ~models.Q(**{f"{newest}__in": Revision.objects.public()})
        ends = "withholding__withheld_at", f"{newest}__withholding__withheld_at", f"{newest}__published_at"
        return self.filter(is_gone | models.Q(snapshot=None)).annotate(taken_back_at=Coalesce(*ends))

    def showing(self, file: str):
        """Those with the photo whose renditions are named by `file`."""
        return self.alias(photo_file=photo_file()).filter(photo_file=file)

    def at(self, slug: str):
        """Of the story whose address ends with `slug`."""
        return self.filter(article__slug=slug)

    def now_or_once_at(self, slug: str):
        former = Article.objects.filter(former_addresses__slug=slug)
        return self.filter(models.Q(article__slug=slug) | models.Q(article__in=former))

    def developing(self):
        return self.exclude(pace=snapshots.Pace.SETTLED)

    def settled(self):
        return self.filter(pace=snapshots.Pace.SETTLED)

    def pinned(self):
        """Those of stories an editor has pinned, in their order."""
        from .desk import Desk

        return self.filter(desk__in=Desk.objects.pinned()).order_by("desk__pin", "-updated_at")

    def substantive(self):
        return self.filter(kind__in=[kind for kind in Kind if kind.rule.moves_updated])

    def with_new_lead(self):
        """
        Those whose lead is another than that of the edition before, which they have as `lead_before`; newest first.

        Each looks up the one before, as a window function would be made over the whole of a long history.
        """
        before = Revision.objects.with_words().filter(article=models.OuterRef("article"))
        before = before.filter(number__lt=models.OuterRef("number")).order_by("-number").values("lead")[:1]
        lead_before = Coalesce(models.Subquery(before), models.Value(""), output_field=models.TextField())
        moved = (
            self.with_words()
            .annotate(lead_before=lead_before)
            .exclude(lead=models.F("lead_before"))
            .order_by("-number")
        )
        return moved.only("article", "number", "kind", "note", "lead", "published_at")

    def in_feed(self):
        return self.filter(kind__in=[kind for kind in Kind if kind.rule.in_feed])

    def in_mail(self):
        """Those that are a reason for a mail."""
        return self.filter(kind__in=[kind for kind in Kind if kind.rule.in_mail], is_mailed=True)

    def with_box(self):
        """Those that corrected or clarified."""
        return self.filter(kind__in=[kind for kind in Kind if kind.rule.has_box])

    def with_lead_change(self):
        """With what changed in the lead since the edition before, as `lead_change`: a plain change, or None."""
        lead = models.Value('$[*] ? (@.part == "lead")')
        found = models.Func("changes", lead, function="jsonb_path_query_first", output_field=models.JSONField())
        return self.annotate(lead_change=found)

    def with_address(self):
        """With the address of the story, and nothing else of the working copy."""
        own = [field.name for field in Revision._meta.concrete_fields if field.name != "private_note"]
        address = ["article__slug", "article__topic__slug", "article__topic__name"]
        return self.select_related("article__topic").only(*own, *address)

    def for_lists(self):
        """With the address and the newest substantive edition's kind and note, as `told`; without the content."""
        substantive = Revision.objects.with_words().substantive().filter(article=models.OuterRef("article"))
        told = substantive.order_by("-number").values(told=JSONObject(kind="kind", note="note"))[:1]
        return self.with_address().defer("snapshot", "changes").annotate(told=models.Subquery(told))

    def languages(self, editions) -> dict[int, str]:
        """The language of each of these editions, by its key: all that is read of their content."""
        story = KeyTransform("story", Cast("snapshot", models.JSONField()))
        ids = [edition.pk for edition in editions]
        return dict(self.filter(pk__in=ids).values_list("pk", KeyTextTransform("language", story)))

    def about(self, topic):
        return self.filter(article__topic=topic)

    def by_last_change(self):
        return self.order_by("-updated_at", "-pk")

    def developing_first(self):
        is_settled = models.Q(pace=snapshots.Pace.SETTLED)
        return self.order_by(models.ExpressionWrapper(is_settled, models.BooleanField()), "-updated_at", "-pk")


class Revision(models.Model):
    """
    An edition: an immutable, numbered, public state of a story.

    A trigger refuses every change but two: of `changes`, which is a rebuildable cache, and the emptying of an
    edition that is withheld, which leaves its number, kind, times and hashes.
    """

    article = models.ForeignKey(Article, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=13, choices=[(kind.value, kind.label) for kind in Kind])
    note = models.TextField(blank=True)
    headline = models.TextField()
    lead = models.TextField(blank=True)
    pace = models.CharField(max_length=10, choices=[(pace.value, pace.value) for pace in snapshots.Pace])
    snapshot = models.TextField(  # noqa: DJ001 - nothing is not the empty text
        null=True, help_text="Canonical JSON (RFC 8785) of the public fields; NULL if the edition is withheld."
    )
    content_hash = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64)
    by_hash = models.CharField(max_length=64, help_text="Ties who published it to the edition; not public.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="editions")
    by_name = models.CharField(max_length=150)
    published_at = models.DateTimeField()
    first_published_at = models.DateTimeField()
    updated_at = models.DateTimeField(help_text="When the newest substantive change was published.")
    confirmed_at = models.DateTimeField(help_text="When the story was last confirmed to stand.")
    changes = models.JSONField(default=list, help_text="What changed since the edition before; a cache.")
    private_note = models.TextField(blank=True)
    is_mailed = models.BooleanField(
        db_default=True, default=True, help_text="Whether it is a reason for a mail, if its kind is one."
    )

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "-number"]
        verbose_name = "edition"
        constraints = [
            models.UniqueConstraint(name="edition_number_is_used_once", fields=["article", "number"]),
            models.CheckConstraint(
                name="edition_one_is_the_first_report",
                condition=models.Q(number=1, kind=Kind.FIRST)
                | (models.Q(number__gt=1) & ~models.Q(kind=Kind.FIRST)),
            ),
        ]
        indexes = [
            models.Index(name="edition_by_last_change", fields=["-updated_at"]),
            models.Index(name="edition_by_publication", fields=["-published_at", "-id"]),
            models.Index(photo_file(), name="edition_by_photo"),
        ]

    def __str__(self):
        return f"Edition {self.number} of “{self.headline}”" if self.headline else f"Edition {self.number}"

    def get_absolute_url(self):
        return address("articles:revision_detail", self.article.topic.slug, self.article.slug, self.number)

    @cached_property
    def content(self) -> Snapshot:
        """What it says, without the corrections that are withheld by now, of which nobody is told."""
        content = snapshots.from_json(self.snapshot)
        told = tuple(box for box in content.corrections if box.number not in self.untold)
        return replace(content, corrections=told) if told != content.corrections else content

    @cached_property
    def untold(self) -> list[int]:
        """The numbers of the story's editions that were withheld together with their correction."""
        return list(Revision.objects.untold_of(self.article_id))

    @property
    def repeated(self) -> list[int]:
        """Of these the ones whose correction its exact bytes still say."""
        boxes = snapshots.from_json(self.snapshot).corrections
        return [box.number for box in boxes if box.number in self.untold]

    @property
    def is_withheld(self) -> bool:
        return self.snapshot is None

    @property
    def rule(self):
        return Kind(self.kind).rule

    @cached_property
    def differences(self):
        """What changed since the edition before, from the cache."""
        return changes_between.from_plain(self.changes)

    @cached_property
    def moved_ids(self) -> set[str | None]:
        """The ids of the parts that changed since the edition before; None stands for the story's own fields."""
        return {change["id"] for change in self.changes}

    def expected_content_hash(self) -> str:
        return hashlib.sha256(self.snapshot.encode()).hexdigest()

    def expected_chain_hash(self, previous: str) -> str:
        """
        The SHA-256 that ties this edition to the one before, whose chain hash is `previous` ("" for the first).

        It covers what is public, so that anyone can find it; the recipe stands on /about/standards/. Headline, lead
        and pace are part of the content.
        """
        return _hash_of(self.record(previous))

    def record(self, previous: str) -> dict:
        """What the chain hash is made of."""
        return {
            "previous": previous,
            "story": self.article_id,
            "number": self.number,
            "kind": str(self.kind),
            "note": self.note,
            "content": self.content_hash,
            "published_at": timestamp(self.published_at),
            "first_published_at": timestamp(self.first_published_at),
            "updated_at": timestamp(self.updated_at),
            "confirmed_at": timestamp(self.confirmed_at),
        }

    def expected_by_hash(self) -> str:
        return _hash_of({"edition": self.chain_hash, "by": [self.by_id, self.by_name]})


def _hash_of(record: dict) -> str:
    return hashlib.sha256(rfc8785.dumps(record)).hexdigest()
