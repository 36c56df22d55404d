"""Taking in a file of subscribers: uploaded with where they agreed, looked through, then taken or discarded."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from articles.admin.forms import DeskForm
from articles.admin.model_admin import DeskModelAdmin
from articles.reading import clock

from .. import address_file, importing
from ..models import Cadence, Newsletter, SubscriberImport

PROBLEMS_SHOWN = 200
State = SubscriberImport.State


class ImportForm(DeskForm):
    """Refuses at once what the beginning of the file tells; the worker reads the rest."""

    cadence = forms.ChoiceField(
        label="How often",
        required=False,
        choices=[("", "As usual for the newsletter"), *Cadence.choices],
        help_text="Where the file does not say it. As usual is what readers get unless they choose.",
    )
    file = forms.FileField(
        label="File",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=(
            "CSV in UTF-8, with commas or semicolons. Its first line names the columns: address, and if you have "
            "them language, cadence (each, daily or weekly) and consented_at (as 2026-04-15)."
        ),
    )

    class Meta:
        model = SubscriberImport
        fields = ["newsletter", "cadence", "file", "provenance"]
        labels = {"provenance": "Where they agreed"}
        help_texts = {"provenance": "With when, and how. It is kept with each of them."}
        widgets = {"provenance": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chooser = self.fields["newsletter"]
        chooser.widget = chooser.widget.widget  # Without the links to make and to change one.
        self.initial |= {"newsletter": Newsletter.objects.only_one(), "cadence": ""}

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            address_file.check_beginning(file.file)
        except address_file.Unreadable as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file

    def clean(self):
        given = super().clean()
        letter, cadence = given.get("newsletter"), given.get("cadence")
        if letter and cadence == "":
            given["cadence"] = letter.cadences[0]
        elif letter and cadence and cadence not in letter.cadences:
            self.add_error("cadence", "The newsletter does not come that often; please choose one of its own.")
        return given


@admin.register(SubscriberImport)
class SubscriberImportAdmin(DeskModelAdmin):
    form = ImportForm
    list_display = ["number", "newsletter", "state", "were_added", "uploaded", "uploader"]
    list_select_related = ["newsletter", "by"]
    actions = None

    class Media:
        css = {"all": ["desk/letters.css"]}

    def has_change_permission(self, request, obj=None):
        """Of an import nothing can be written; it is taken, or it is not."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.by = request.user
        importing.begin(obj, form.cleaned_data["file"])

    def response_add(self, request, obj, post_url_continue=None):
        return _to(obj)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        source = self.get_object(request, object_id)
        if not self.has_view_permission(request, source):
            raise PermissionDenied
        if source is None:
            raise Http404
        return self._decided(request, source) if request.method == "POST" else self._shown(request, source)

    def _decided(self, request: HttpRequest, source: SubscriberImport) -> HttpResponse:
        verbs = {"take": importing.take, "discard": importing.discard}
        if not self.has_add_permission(request) or request.POST.get("do") not in verbs:
            raise PermissionDenied
        if verbs[request.POST["do"]](source):
            self.log_change(request, source, request.POST["do"].capitalize())
        else:
            messages.warning(request, "Somebody else has dealt with this file in the meantime.")
        return _to(source)

    def _shown(self, request: HttpRequest, source: SubscriberImport) -> HttpResponse:
        problems = list(source.problems.all()[: PROBLEMS_SHOWN + 1])
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(source),
            "source": source,
            "is_at_work": source.state in (State.TRYING, State.TAKING),
            "problems": problems[:PROBLEMS_SHOWN],
            "has_more": len(problems) > PROBLEMS_SHOWN,
            "may_take": source.state == State.TRIED and self.has_add_permission(request),
        }
        return render(request, "admin/newsletter/subscriberimport/one.html", context)

    @admin.display(description="import", ordering="pk")
    def number(self, source):
        return f"Import {source.pk}"

    @admin.display(description="added")
    def were_added(self, source):
        """While a file is checked, and after, the row counts whom it would add."""
        return f"{source.added:,}" if source.state in (State.TAKING, State.DONE) else "–"

    @admin.display(ordering="made_at")
    def uploaded(self, source):
        return clock(source.made_at)

    @admin.display(description="by")
    def uploader(self, source):
        return source.by.get_full_name() or source.by.get_username()


def _to(source: SubscriberImport) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:newsletter_subscriberimport_change", args=[source.pk]))
