"""The inbox of what readers hold to be wrong: read beside the edition they saw, then dealt with."""

from django import forms
from django.contrib import admin, messages
from django.db.models import F
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import Truncator

from .. import error_reports
from ..models import Article, ErrorReport
from ..reading import clock
from .forms import DeskForm
from .model_admin import DeskModelAdmin


class AnswerForm(DeskForm):
    """An answer, unless the report is dismissed."""

    class Meta:
        model = ErrorReport
        fields = ["answer"]
        widgets = {"answer": forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"})}

    def clean_answer(self):
        answer = self.cleaned_data["answer"]
        if not answer and "_dismiss" not in self.data:
            raise forms.ValidationError("Write an answer, or dismiss the report.")
        return answer


@admin.register(ErrorReport)
class ErrorReportAdmin(DeskModelAdmin):
    """The address of a reader is shown to nobody, and nobody can ask for it by a filter."""

    form = AnswerForm
    fields = ["answer"]
    list_display = ["said", "story", "edition", "reported", "state", "handled_by"]
    list_filter = ["state", ("article__topic", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["article", "handled_by"]
    search_fields = ["text", "article__headline"]
    # What waits comes first.
    ordering = [F("handled_at").desc(nulls_first=True), "-reported_at"]
    actions = None
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css = {"all": ["desk/reports.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).filter(article__in=Article.objects.editable_by(request.user))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request):
        return not lookup.startswith("address") and super().lookup_allowed(lookup, value, request)

    @admin.display(description="report")
    def said(self, report):
        return Truncator(report.text).words(16)

    @admin.display(ordering="article__headline")
    def story(self, report):
        return report.article

    @admin.display(ordering="reported_at")
    def reported(self, report):
        return clock(report.reported_at)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Readers’ reports of errors", **(extra_context or {})})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        named = {"title": "A reader’s report", "subtitle": None, **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, named)
        except error_reports.HandledAlready:
            messages.error(request, "Somebody else has dealt with this report meanwhile; yours was not taken.")
            return HttpResponseRedirect(request.path)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Beside the edition that the reader saw."""
        editions = obj.article.revisions.defer("snapshot", "changes").select_related("article__topic")
        context["seen"] = editions.filter(number=obj.edition).first()
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request, obj, form, change):
        if "_dismiss" in request.POST:
            error_reports.dismiss(obj, by=request.user)
        else:
            error_reports.answer(obj, text=form.cleaned_data["answer"], by=request.user)

    def response_change(self, request, obj):
        became = "dismissed" if "_dismiss" in request.POST else "answered"
        messages.success(request, f"The report is {became}.")
        return HttpResponseRedirect(reverse("admin:articles_errorreport_changelist"))
