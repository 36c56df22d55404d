"""The newsletters themselves: what each promises, what readers agree to, its mails, and how it grows."""

from django import forms
from django.contrib import admin
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from articles.admin.forms import DeskForm
from articles.admin.model_admin import DeskModelAdmin
from articles.models.fields import PlainTextField

from .. import addresses, growth
from ..models import Cadence, Newsletter, Wording
from ..rewording import reword
from . import mail_preview
from .chart import Chart
from .correction import CorrectionsToMail
from .framed_mail import in_a_frame, with_a_frame

WORDING = (
    "What a reader agrees to, word for word: what we send, how often, and that they can unsubscribe at any time."
)
NEW_VERSION = (
    "Leave it empty to keep the wording as it is. What you write here becomes the next version; readers who agreed "
    "to an older one stay with that."
)

STALE = (
    "Somebody has saved this newsletter since you opened it. Nothing of yours is saved yet; it stands below. "
    "Copy what you changed, open the newsletter again and save it there."
)


class NewsletterForm(DeskForm):
    """A newsletter, the save of it that this form was made from and, if it is written, its next wording."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    cadences = forms.MultipleChoiceField(
        label="How often",
        choices=Cadence.choices,
        initial=[Cadence.EACH, Cadence.DAILY],
        widget=forms.CheckboxSelectMultiple,
        help_text="What readers can choose from. Unless they choose, they get the first one ticked.",
    )
    wording = PlainTextField().formfield(
        required=False, widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})
    )

    class Meta:
        model = Newsletter
        fields = [
            *("title", "promise", "slug", "topic", "sender_name", "sender_address"),
            *("time_zone", "send_time", "send_weekday", "cadences", "is_open"),
        ]
        labels = {"slug": "Page address"}
        help_texts = {
            "slug": "The last part of its page’s address, as harbour in /newsletters/harbour/: small letters, "
            "digits and hyphens. Once readers have it, leave it as it is: links to the old address would break.",
            "is_open": "Untick it to take no new readers; those who are signed up stay.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.saved_at.isoformat()
        if "wording" not in self.fields:  # Somebody only looks.
            return
        self.newest = Wording.objects.of(self.instance).first() if self.instance.pk else None
        self.fields["wording"].label = "New version of the wording" if self.newest else "Wording"
        self.fields["wording"].help_text = NEW_VERSION if self.newest else WORDING
        self.fields["wording"].required = self.newest is None

    def clean_sender_address(self):
        typed = self.cleaned_data["sender_address"]
        try:
            return addresses.normalised(typed) if typed else ""
        except addresses.NotAnAddress as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self):
        """Who saves waits for who was first, and is told."""
        if self.instance.pk:
            kept = Newsletter.objects.select_for_update().get(pk=self.instance.pk)
            if self.cleaned_data.get("version") != kept.saved_at.isoformat():
                raise forms.ValidationError(STALE)
        return super().clean()


@admin.register(Newsletter)
class NewsletterAdmin(CorrectionsToMail, DeskModelAdmin):
    form = NewsletterForm
    list_display = ["title", "topic", "active", "to_confirm", "have_left", "is_open"]
    list_select_related = ["topic"]
    list_per_page = 30
    actions = None
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (None, {"fields": ["version", "title", "promise", "slug", "topic", "cadences", "is_open"]}),
        ("Sender", {"fields": ["sender_name", "sender_address"]}),
        ("When digests go out", {"fields": ["time_zone", "send_time", "send_weekday"]}),
        ("What readers agree to", {"fields": ["wording"]}),
    ]

    class Media:
        css = {"all": ["desk/letters.css"]}

    def get_urls(self):
        mails, mail = (self.admin_site.admin_view(view) for view in (self.mails, self.mail))
        return [
            path("<int:object_id>/mails/", mails, name="newsletter_mails"),
            path("<int:object_id>/mails/<slug:kind>/", mail, name="newsletter_mail"),
            *super().get_urls(),
        ]

    @with_a_frame
    @method_decorator(require_safe)
    def mails(self, request, object_id):
        return mail_preview.page(self, request, object_id)

    @in_a_frame
    def mail(self, request, object_id, kind):
        return mail_preview.html(self, request, object_id, kind)

    def has_delete_permission(self, request, obj=None):
        """What people agreed to get stays on record; a letter that ends is closed to sign-ups."""
        return False

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.cleaned_data["wording"]:
            reword(obj, form.cleaned_data["wording"])

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj:
            weeks = growth.weeks(obj, timezone.now())
            context |= {"wordings": Wording.objects.of(obj), "weeks": weeks, "chart": Chart(weeks)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Newsletters", **(extra_context or {})})

    @admin.display
    def active(self, newsletter):
        return growth.count(newsletter, "active")

    @admin.display(description="not confirmed yet")
    def to_confirm(self, newsletter):
        return growth.count(newsletter, "pending")

    @admin.display(description="unsubscribed")
    def have_left(self, newsletter):
        return growth.count(newsletter, "left")
