from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from .addresses import address, slug_constraints, slug_field
from .fields import LineField, PlainTextField


class TopicQuerySet(models.QuerySet):
    def open_to(self, user):
        """The topics whose stories `user` may work on: every one, or those that are one's own or nobody's."""
        if user.has_perm("articles.work_on_every_topic"):
            return self
        return self.filter(models.Q(members=user) | models.Q(members=None))

    def with_public_stories(self):
        from .revision import Revision

        return self.filter(stories__desk__base_edition__in=Revision.objects.public()).distinct()

    def told_of(self):
        """Those that readers may know of: a story was published in them, though it may be withdrawn since."""
        from .revision import Revision

        return self.filter(models.Exists(Revision.objects.filter(article__topic=models.OuterRef("pk"))))


class Topic(models.Model):
    """What a story is about and what a newsletter follows."""

    slug = slug_field()
    name = LineField(max_length=60, unique=True)
    description = PlainTextField(blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="topics",
        help_text="Reporters who may work on its stories. Nobody chosen means every reporter.",
    )
    saved_at = models.DateTimeField(auto_now=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = slug_constraints("topic")

    def __str__(self):
        return self.name

    def clean(self):
        from .former_address import FormerAddress

        if FormerAddress.objects.filter(slug=self.slug, article=None).exclude(topic=self.pk).exists():
            raise ValidationError({"slug": "Another topic had this address once; choose a different one."})

    def get_absolute_url(self):
        return address("articles:topic_detail", self.slug)
