from functools import cached_property

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Coalesce, Concat, Length, NullIf, Trim
from django.db.models.lookups import LessThanOrEqual

from ..standing import Standing, standing
from .addresses import address, slug_constraints, slug_field
from .author import Author
from .fields import LineField, PlainTextField
from .story_format import StoryFormat
from .topic import Topic


class ArticleQuerySet(models.QuerySet):
    def editable_by(self, user):
        """The stories `user` may work on: all of them, or those of one's own topics."""
        if not user.has_perm("articles.change_article"):
            return self.none()
        return self.filter(topic__in=Topic.objects.open_to(user))

    def for_the_desk(self):
        """With what a list of stories shows, and without the weight of their editions."""
        edition = "desk__base_edition"
        return self.select_related("topic", "format", edition).defer(f"{edition}__snapshot", f"{edition}__changes")

    def with_standing(self):
        return self.annotate(standing=standing())

    def with_newest_save(self):
        """With when the working copy was last saved, as `saved_at`, and the name of who did, as `saved_by`."""
        from .saved_state import SavedState

        saves = SavedState.objects.filter(article=models.OuterRef("pk")).order_by("-version")
        user = "revision__user"
        name = Trim(Concat(f"{user}__first_name", models.Value(" "), f"{user}__last_name"))
        return self.annotate(
            saved_at=models.Subquery(saves.values("revision__date_created")[:1]),
            saved_by=models.Subquery(
                saves.values(name=Coalesce(NullIf(name, models.Value("")), f"{user}__username"))[:1]
            ),
        )


class Article(models.Model):
    """The working copy of a story: what editors write. Readers are served its newest `Revision`."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="stories")
    format = models.ForeignKey(StoryFormat, models.PROTECT, related_name="stories")
    slug = slug_field(verbose_name="address", help_text="The last part of the story's address.")
    language = models.CharField(
        max_length=35, default=settings.LANGUAGE_CODE, help_text="A BCP 47 tag, as in en-gb or uk."
    )
    kicker = LineField(max_length=40, blank=True, help_text="Left empty, the format's own.")
    headline = PlainTextField(validators=[MaxLengthValidator(300)])
    lead = PlainTextField(blank=True, validators=[MaxLengthValidator(5_000)])
    why_it_matters = PlainTextField(
        blank=True, validators=[MaxLengthValidator(5_000)], help_text="The short one, under the key points."
    )
    byline = models.ManyToManyField(Author, blank=True, related_name="stories")
    share_text = PlainTextField(
        blank=True, validators=[MaxLengthValidator(1_000)], help_text="Left empty, the headline."
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "story"
        verbose_name_plural = "stories"
        permissions = [
            ("publish_article", "Can publish"),
            ("withdraw_article", "Can withdraw"),
            ("work_on_every_topic", "Can work on the stories of every topic"),
        ]
        constraints = [
            *slug_constraints("story"),
            models.CheckConstraint(
                name="story_has_a_headline",
                condition=models.Q(headline__regex=r"\S"),
                violation_error_message="A story needs a headline.",
            ),
            models.CheckConstraint(
                name="story_headline_has_300_characters_at_most",
                condition=LessThanOrEqual(Length("headline"), 300),
            ),
            models.CheckConstraint(
                name="story_lead_has_5000_characters_at_most",
                condition=LessThanOrEqual(Length("lead"), 5_000),
            ),
            models.CheckConstraint(
                name="story_language_is_a_bcp_47_tag",
                condition=models.Q(language__regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
                violation_error_message="Write the language as a tag such as en, en-gb or uk.",
            ),
        ]

    def __str__(self):
        return self.headline

    def clean(self):
        from .former_address import FormerAddress

        if FormerAddress.objects.filter(slug=self.slug, topic=None).exclude(article=self.pk).exists():
            raise ValidationError({"slug": "Another story had this address once; choose a different one."})

    def save(self, *args, **kwargs):
        from .desk import Desk

        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            Desk.objects.create(article=self)

    @cached_property
    def standing(self) -> Standing:
        """Where it stands now; read with the row by `with_standing`."""
        return Article.objects.with_standing().values_list("standing", flat=True).get(pk=self.pk)

    def get_absolute_url(self):
        return address("articles:story_detail", self.topic.slug, self.slug)
