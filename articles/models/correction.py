import uuid

from django.db import models

from ..kinds import Kind
from .article import Article
from .fields import PlainTextField
from .revision import Revision


class CorrectionQuerySet(models.QuerySet):
    def public(self):
        """Those of stories that readers may see, in the order of their time; not of an edition that is withheld."""
        editions = Revision.objects.readable().with_words()
        return self.filter(revision__in=editions).order_by("-revision__published_at", "-revision__pk")

    def standing(self):
        """Without those that a newer one has taken the place of, unless that one is withheld."""
        return self.exclude(superseded_by__revision__in=Revision.objects.with_words())

    def replaceable(self):
        """Those that still have their words and whose place no newer one has taken, unless that is withheld."""
        return self.standing().filter(revision__in=Revision.objects.with_words())

    def about(self, topic):
        return self.filter(article__topic=topic)

    def with_story(self):
        """With its edition's number and time, and the story's address and newest edition."""
        newest = "article__desk__base_edition"
        own = [field.name for field in Correction._meta.concrete_fields]
        address = ["article__slug", "article__topic__slug", "article__topic__name"]
        editions = ["revision__number", "revision__published_at", f"{newest}__headline", f"{newest}__chain_hash"]
        found = self.select_related("revision", "article__topic", newest)
        return found.only(*own, *address, *editions, "article__desk__article")


class Correction(models.Model):
    """
    What was wrong and what is right. Written once, with the edition that fixes it, and never changed.

    Its words go with those of its edition when that is withheld; a trigger refuses all else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="corrections")
    revision = models.OneToOneField(Revision, models.PROTECT, related_name="correction")
    kind = models.CharField(
        max_length=13, choices=[(k.value, k.label) for k in (Kind.CORRECTION, Kind.CLARIFICATION)]
    )
    wrong = PlainTextField("what was wrong")
    right = PlainTextField("what is right")
    first_wrong = models.PositiveIntegerField("first wrong edition")
    last_wrong = models.PositiveIntegerField("last wrong edition")
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "-revision__number"]
        constraints = [
            models.CheckConstraint(
                name="correction_names_a_range_of_editions",
                condition=models.Q(first_wrong__gte=1, last_wrong__gte=models.F("first_wrong")),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.right}"

    @property
    def story(self) -> Revision:
        """The story as readers have it now: its newest edition."""
        return self.article.desk.base_edition

    @property
    def number(self) -> int:
        return self.revision.number
