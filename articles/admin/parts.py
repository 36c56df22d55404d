"""The parts of a story on its page: key points, sections, sources, the photo, and where the next edition stands."""

from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField
from django.http import Http404
from django.utils.html import format_html

from .. import checks, saved_states
from ..models import Citation, Desk, KeyPoint, PhotoUse, Section
from ..models.fields import PlainTextField, RichTextField
from .choosers import Choosers
from .forms import CitationForm, DeskForm, KeyPointForm, PhotoUseForm, SectionForm, Shared, StandingForm, version_of
from .rich_text import RichTextFormField, RichTextWidget


class PartFormSet(forms.BaseInlineFormSet):
    """The parts of one story. What goes, goes first; what stays is numbered from 1, as its order says."""

    new_objects = changed_objects = deleted_objects = ()
    # What the form of a key point chooses from.
    cited = property(lambda formset: getattr(formset.form, "cited", ()))

    @property
    def version(self) -> str:
        return self.data.get("version", "")

    def _existing_object(self, pk):
        part = super()._existing_object(pk) or self._then.get(pk)
        if part is None and self.model.objects.filter(pk=pk).exists():
            raise Http404("This part belongs to another story.")
        return part

    @cached_property
    def _then(self) -> dict:
        """The parts, by id, as they were when a form was made that comes back late; none if that is not known."""
        return {part.pk: part for part in then(self.instance, self.version, self.model)}

    def clean(self):
        super().clean()
        is_current = self.version == str(self.instance.desk.version)
        shown = {part.pk for part in self.get_queryset()} if is_current else {*self._then}
        if not shown <= {form.instance.pk for form in self.initial_forms}:
            raise ValidationError("A part of the form got lost on its way; nothing was saved. Save it again.")

    def add_fields(self, form, index):
        super().add_fields(form, index)
        pk = form.fields["id"].initial
        form.fields["id"] = forms.UUIDField(required=False, initial=pk, widget=forms.HiddenInput)

    def rows(self) -> list[forms.ModelForm]:
        """The forms that stay, in order; the empty order is last."""
        gone = self.deleted_forms
        rows = [form for form in self.initial_forms if form not in gone]
        rows += [form for form in self.extra_forms if form.has_changed() and form not in gone]
        return sorted(rows, key=lambda form: _last_if_none(form.cleaned_data.get("order")))

    def save(self, commit=True):
        self.deleted_objects = [form.instance for form in self.deleted_forms if not form.instance._state.adding]
        self.new_objects, self.changed_objects = [], []
        for part in self.deleted_objects:
            part.delete()
        for position, form in enumerate(self.rows(), start=1):
            self._save_row(form, position)

    def _save_row(self, form, position: int) -> None:
        part = form.instance
        if part._state.adding:
            self.new_objects.append(part)
        elif form.has_changed() or getattr(part, "position", position) != position:
            self.changed_objects.append((part, form.changed_data))
        else:
            return
        part.position = position
        form.save()


def then(article, version: str, model) -> list:
    """The parts of a story as a form of an older version showed them."""
    if version == str(article.desk.version):
        return []
    state = article.saved_states.filter(version=version_of(version)).first()
    return saved_states.parts(state, model) if state else []


def _last_if_none(order: int | None) -> tuple[bool, int]:
    return order is None, order or 0


AS_OF_NOW = """
<as-of-now data-zone="{zone}">{field} <span>{zone}</span> <button type="button" hidden>Now</button></as-of-now>"""


class AsOfInput(forms.DateTimeInput):
    """A field of the browser's own, in one piece; to the second, as what is kept is; and the zone it is in."""

    def __init__(self):
        super().__init__({"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")

    def render(self, name, value, attrs=None, renderer=None):
        field = super().render(name, value, attrs, renderer)
        return format_html(AS_OF_NOW, field=field, zone=settings.TIME_ZONE)


class PartInline(Choosers, admin.StackedInline):
    formset = PartFormSet
    form = DeskForm
    extra = 0
    formfield_overrides = {
        PlainTextField: {"widget": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})},
        DateTimeField: {"form_class": forms.DateTimeField, "widget": AsOfInput},
        RichTextField: {"form_class": RichTextFormField, "widget": RichTextWidget},
    }

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, validate_max=True, **kwargs)
        formset.form.user = request.user
        formset.form.base_fields = Shared(formset.form.base_fields)
        return formset


class KeyPointInline(PartInline):
    model = KeyPoint
    form = KeyPointForm
    extra = 1
    fields = ["text", "verification", "as_of", "reason", "citations", "cite", "order"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("citations")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        cited = {*obj.citations.select_related("source"), *then(obj, request.POST.get("version", ""), Citation)}
        cited = sorted(cited, key=lambda citation: citation.position)
        formset.form.cited = [(str(citation.pk), str(citation)) for citation in cited]
        limit = obj.format.key_point_count
        self.verbose_name_plural = f"key points ({obj.key_points.count()} of {limit})"
        return formset


class SectionInline(PartInline):
    model = Section
    form = SectionForm
    extra = 1
    fields = ["heading", "role", "body", "order"]

    def get_formset(self, request, obj=None, **kwargs):
        share, limit = checks.context_percent(obj.sections.all()), obj.format.context_percent
        self.verbose_name_plural = f"sections (context {share} % of {limit} %)"
        return super().get_formset(request, obj, **kwargs)


class CitationFormSet(PartFormSet):
    def clean(self):
        """A confidential citation taken out cannot be brought back by the history, which does not name it."""
        super().clean()
        is_sealed = not _sees_all(self.form.user)
        if is_sealed and any(form.instance.confidential_source_id for form in self.deleted_forms):
            raise ValidationError("Ask somebody who knows this source before it is taken out.")


class CitationInline(PartInline):
    model = Citation
    formset = CitationFormSet
    form = CitationForm
    extra = 1
    verbose_name = "source"
    autocomplete_fields = ["source"]
    # Their names are sealed and cannot be searched; the page of each is the place to find its number.
    raw_id_fields = ["confidential_source"]

    def get_fields(self, request, obj=None):
        confidential = ["confidential_source"] if _sees_all(request.user) else []
        return ["source", *confidential, "supports", "is_primary", "order"]

    def get_queryset(self, request):
        sealed = ["confidential_source"] if _sees_all(request.user) else []
        return super().get_queryset(request).select_related("source", *sealed)


def _sees_all(user) -> bool:
    return user.has_perm("articles.view_confidentialsource")


class PhotoUseFormSet(PartFormSet):
    """The one photo of a story: what is sent takes the place of what was there."""

    def save(self, commit=True):
        kept = [form.instance.pk for form in self.rows()]
        self.model.objects.filter(article=self.instance).exclude(pk__in=kept).delete()
        super().save()


class PhotoUseInline(PartInline):
    model = PhotoUse
    formset = PhotoUseFormSet
    form = PhotoUseForm
    verbose_name = verbose_name_plural = "photo"
    fields = ["photo", "alt", "caption", "crop"]
    autocomplete_fields = ["photo"]
    extra = 1
    max_num = 1


class StandingInline(admin.StackedInline):
    """Whoever may change the story may move its next edition; the moves themselves ask for more."""

    model = Desk
    form = StandingForm
    fields = ["status", "assignee"]
    verbose_name = verbose_name_plural = "next edition"
    can_delete = False
    max_num = 1

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("articles.change_article")

    has_view_permission = has_change_permission
