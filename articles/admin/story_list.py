"""The list of stories: what stands in its columns, by what it is narrowed, and where it is searched."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, F, JSONField, OuterRef
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.urls import path

from ..models import SavedState
from ..reading import clock
from ..standing import Standing
from .front_order import front_page_order

EDITION = "desk__base_edition"


class StandingFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [(standing.value, standing.label) for standing in Standing]

    def queryset(self, request, queryset):
        return queryset.filter(standing=self.value()) if self.value() else queryset


class MineFilter(admin.SimpleListFilter):
    title = "you"
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("assigned", "Given to me"), ("edited", "Edited by me")]

    def queryset(self, request, queryset):
        if self.value() == "assigned":
            return queryset.filter(desk__assignee=request.user)
        if self.value() == "edited":
            saves = SavedState.objects.filter(article=OuterRef("pk"), revision__user=request.user)
            return queryset.filter(Exists(saves))
        return queryset


class StoryChangeList(ChangeList):
    def get_queryset(self, request, exclude_parameters=None):
        self.root_queryset = self.root_queryset.with_standing().with_newest_save()
        return super().get_queryset(request, exclude_parameters)

    def _get_default_ordering(self):
        """Not by `ordering`: fields of other forms ask for that too, and know no `saved_at`."""
        return ["-saved_at"]


class StoryList:
    """What `ArticleAdmin` shows as a list."""

    list_display = ["headline", "topic", "standing", "edition", "confirmed", "updated", "saved_by"]
    list_filter = [
        StandingFilter,
        MineFilter,
        ("topic", admin.RelatedOnlyFieldListFilter),
        f"{EDITION}__pace",
        ("format", admin.RelatedOnlyFieldListFilter),
        ("desk__assignee", admin.RelatedOnlyFieldListFilter),
    ]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = [
        *("headline", "slug", "lead", "kicker"),
        *(f"{EDITION}__headline", f"{EDITION}__lead", "kicker_of_edition"),
    ]
    search_help_text = "Headline, address, lead and kicker, of the working copy and of the newest edition."
    actions = None

    def get_urls(self):
        order = self.admin_site.admin_view(front_page_order)
        return [path("front-page-order/", order, name="front_page_order"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Stories", **(extra_context or {})})

    def get_changelist(self, request, **kwargs):
        return StoryChangeList

    def get_search_results(self, request, queryset, search_term):
        content = Cast(f"{EDITION}__snapshot", JSONField())
        searched = queryset.alias(content=content).alias(kicker_of_edition=KT("content__story__kicker"))
        return super().get_search_results(request, searched if search_term else queryset, search_term)

    @admin.display(description="status", ordering="standing")
    def standing(self, article):
        return article.standing.label

    @admin.display(ordering=F(f"{EDITION}__number").asc(nulls_first=True))
    def edition(self, article):
        return article.desk.base_number or None

    @admin.display(description="last confirmed", ordering=f"{EDITION}__confirmed_at")
    def confirmed(self, article):
        return article.desk.base_edition and clock(article.desk.base_edition.confirmed_at)

    @admin.display(ordering=f"{EDITION}__updated_at")
    def updated(self, article):
        return article.desk.base_edition and clock(article.desk.base_edition.updated_at)

    @admin.display(description="newest editor", ordering="saved_by")
    def saved_by(self, article):
        return article.saved_by
