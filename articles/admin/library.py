"""What stories share: topics, formats, authors and sources."""

from django.contrib import admin

from ..models import Author, ConfidentialSource, Source, StoryFormat, Topic
from .model_admin import DeskModelAdmin, KeptModelAdmin
from .recovering import Recoverable


@admin.register(Topic)
class TopicAdmin(DeskModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["members"]


@admin.register(StoryFormat)
class StoryFormatAdmin(DeskModelAdmin):
    list_display = ["name", "headline_characters", "lead_words", "key_point_count", "context_percent"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Author)
class AuthorAdmin(DeskModelAdmin):
    list_display = ["name", "role"]
    list_filter = ["role"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Source)
class SourceAdmin(Recoverable, KeptModelAdmin):
    """Kept in a history of its own, as every story that cites it shows it."""

    list_display = ["publisher", "title", "kind", "published_on"]
    list_filter = ["kind", "language"]
    search_fields = ["publisher", "title", "url"]


@admin.register(ConfidentialSource)
class ConfidentialSourceAdmin(DeskModelAdmin):
    """Sealed at rest, so that nothing of it can be searched; opened by those with the permission alone."""

    list_display = ["name"]
