"""What stories share: topics, formats, authors and sources."""

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404

from .. import usage
from ..models import Author, ConfidentialSource, Source, Topic
from .forms import DeskForm, version_of
from .model_admin import DeskModelAdmin, KeptModelAdmin
from .recovering import Recoverable
from .used_in import UsedIn


class MembersField(forms.ModelMultipleChoiceField):
    """A box for everybody who is at the desk, or is a member though they left it."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, person):
        return person.get_full_name() or person.get_username()


@admin.register(Topic)
class TopicAdmin(DeskModelAdmin):
    fields = ["name", "slug", "description", "members"]
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    class Media:
        css = {"screen": ["desk/library.css"]}

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "members":
            people = get_user_model().objects.filter(Q(is_active=True) | Q(topics__isnull=False)).distinct()
            kwargs |= {"form_class": MembersField, "queryset": people.order_by("first_name", "username")}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Author)
class AuthorAdmin(DeskModelAdmin):
    list_display = ["name", "role"]
    list_filter = ["role"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class SourceForm(DeskForm):
    have_already = None

    def clean_url(self):
        address = self.cleaned_data["url"]
        self.have_already = Source.objects.at(address).exclude(pk=self.instance.pk).first()
        if self.have_already:
            raise forms.ValidationError(f"We have this source already: {self.have_already}.")
        return address


@admin.register(Source)
class SourceAdmin(UsedIn, Recoverable, KeptModelAdmin):
    """Kept in a history of its own, as every story that cites it shows it."""

    form = SourceForm
    usage = staticmethod(usage.of_source)
    list_display = ["publisher", "title", "kind", "published_on"]
    list_filter = ["kind", "language"]
    search_fields = ["publisher", "title", "url"]
    fieldsets = [
        (None, {"fields": ["url", "publisher", "title", "kind", "published_on"]}),
        ("More", {"fields": ["language", "accessed_on", "archived_url"]}),
    ]

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        """What kind of source it is nobody should say by leaving it."""
        if db_field.name == "kind":
            kwargs |= {"choices": [("", "Choose"), *db_field.choices], "initial": ""}
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_search_results(self, request, queryset, search_term):
        """A web address finds the source that has it, however it was copied."""
        there = queryset.at(search_term)
        return (there, False) if there.exists() else super().get_search_results(request, queryset, search_term)

    def choice(self, source) -> dict:
        date = source.published_on and f"{source.published_on.day} {source.published_on:%B %Y}"
        return {"detail": " · ".join(filter(None, [source.get_kind_display(), date, source.url]))}

    def changeform_view(self, request, object_id=None, *args, **kwargs):
        """While writing a story, one that is there already is taken instead of adding it again."""
        if object_id is None and IS_POPUP_VAR in request.POST and "take" in request.POST:
            if not self.has_view_permission(request):
                raise PermissionDenied
            source = get_object_or_404(self.get_queryset(request), pk=version_of(request.POST["take"]))
            return self.response_add(request, source)
        return super().changeform_view(request, object_id, *args, **kwargs)


@admin.register(ConfidentialSource)
class ConfidentialSourceAdmin(DeskModelAdmin):
    """Sealed at rest, so that nothing of it can be searched; opened by those with the permission alone."""

    list_display = ["name"]
