"""What every list and form of the desk has in common."""

import reversion
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.db import models
from django.http import Http404

from .forms import DeskForm


class DeskModelAdmin(admin.ModelAdmin):
    form = DeskForm
    view_on_site = False
    show_full_result_count = False
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_urls(self):
        """Without the redirect that once was, from /<anything>/ to /<anything>/change/."""
        return super().get_urls()[:-1]

    def get_changelist_instance(self, request):
        """A page or a filter that is none leads nowhere."""
        if not request.GET.get(PAGE_VAR, "1").isdecimal():
            raise Http404
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404(f"There is no {opts.verbose_name} {object_id}.")


class KeptModelAdmin(DeskModelAdmin):
    """Of what reversion is registered for: every save is kept, with who made it."""

    def changeform_view(self, request, *args, **kwargs):
        with reversion.create_revision(atomic=request.method == "POST"):
            reversion.set_user(request.user)
            return super().changeform_view(request, *args, **kwargs)
