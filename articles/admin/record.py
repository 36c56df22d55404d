"""The public record, to be read: editions and corrections are written by publishing alone."""

from django.contrib import admin

from ..models import Article, Correction, Revision
from .model_admin import DeskModelAdmin


class RecordAdmin(DeskModelAdmin):
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).filter(article__in=Article.objects.editable_by(request.user))

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Revision)
class RevisionAdmin(RecordAdmin):
    list_display = ["headline", "number", "kind", "published_at", "by_name"]
    list_filter = ["kind"]
    search_fields = ["headline", "note"]
    exclude = ["changes", "snapshot"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("snapshot", "changes")


@admin.register(Correction)
class CorrectionAdmin(RecordAdmin):
    list_display = ["article", "kind", "wrong", "right"]
    list_filter = ["kind"]
    list_select_related = ["article"]

    def get_queryset(self, request):
        """Without what was said in an edition that is withheld."""
        return super().get_queryset(request).filter(revision__in=Revision.objects.with_words())
