"""What staff write in an issue."""

from django import forms
from django.utils.functional import cached_property

from articles.admin.forms import DeskForm
from articles.admin.rich_text import RichTextFormField, RichTextWidget
from articles.models.fields import RichTextField

from .. import trying_out
from ..models import Issue, Newsletter
from . import issue_stories, zoned_time

STALE = (
    "Somebody has saved this letter since you opened it. Nothing of yours is saved yet; it stands below. "
    "Copy what you changed, open the letter again and save it there."
)
NO_DRAFT = (
    "This letter is no draft any more: somebody has scheduled or sent it meanwhile. Nothing of yours is saved; it "
    "stands below. Copy what you changed."
)
WIDGETS = {RichTextField: {"form_class": RichTextFormField, "widget": RichTextWidget}}


class IssueForm(DeskForm):
    """An issue with its stories, and the save of it that this form was made from."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    not_after = zoned_time.field(
        label="Not after",
        required=False,
        help_text="By the clocks of the newsletter’s zone. What is not sent by then is not sent at all; left "
        "empty, there is no such time.",
    )

    class Meta:
        model = Issue
        fields = ["newsletter", "subject", "preheader", "intro"]
        labels = {"intro": "Beginning"}
        help_texts = {
            "subject": "Left empty, it is the headline of the first story.",
            "intro": "What you say before the stories, if anything.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stories = issue_stories.rows(self.instance, self.data if self.is_bound else None)
        if self.instance.pk:
            self.initial["version"] = self.instance.saved_at.isoformat()
            self.initial["not_after"] = zoned_time.typed(
                self.instance.not_after, self.instance.newsletter.time_zone
            )
        elif not self.initial.get("newsletter"):
            self.initial["newsletter"] = Newsletter.objects.only_one()

    @property
    def media(self):
        return super().media + self.stories.media

    @cached_property
    def changed_data(self):
        stories = ["stories"] if self.is_bound and self.stories.has_changed() else []
        return [*super().changed_data, *stories]

    def clean(self):
        """Who saves waits for who was first, and is told."""
        if self.instance.pk:
            kept = Issue.objects.select_for_update().get(pk=self.instance.pk)
            if kept.state != Issue.State.DRAFT:
                raise forms.ValidationError(NO_DRAFT)
            if self.cleaned_data.get("version") != kept.saved_at.isoformat():
                raise forms.ValidationError(STALE)
        if not self.stories.is_valid():
            raise forms.ValidationError("Look at the stories below: one of them cannot be taken.")
        self._read_not_after()
        self._refuse_what_is_too_long()
        return super().clean()

    def _refuse_what_is_too_long(self):
        names = ("newsletter", "subject", "preheader", "intro")
        typed = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        chosen = trying_out.editions_of([story.pk for story in self.stories.stories()])
        if complaint := trying_out.too_long(Issue(**typed), chosen):
            self.add_error("intro", complaint)

    def _read_not_after(self):
        newsletter, typed = self.cleaned_data.get("newsletter"), self.cleaned_data.get("not_after")
        try:
            at = zoned_time.moment(typed, newsletter.time_zone) if newsletter and typed else None
        except ValueError as error:
            self.add_error("not_after", str(error))
        else:
            self.cleaned_data["not_after"] = at
