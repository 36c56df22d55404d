"""The stories of an issue in its form: searched for by their headlines, and put in order."""

import json

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.html import format_html

from articles.admin.choosers import Chooser
from articles.models import Article, Revision
from articles.views.finding import number_in

from ..models import Issue, IssueStory

MOST = 30
FOUND_AT_ONCE = 20
BY_HAND = """{}
<noscript>
  <label>The address of its page
    <input type="text" name="{}" value="{}" class="vTextField"></label>
</noscript>"""
NO_STORY = "Readers do not have this story, or have it no more; choose another one."


def for_readers():
    """The stories that readers have, with what they know them by."""
    known = {"headline_now": F("desk__base_edition__headline"), "topic_name": F("topic__name")}
    return Article.objects.filter(desk__base_edition__in=Revision.objects.public()).annotate(**known)


def search(request: HttpRequest) -> JsonResponse:
    """As the scripts of Django's choosers ask, and want to be answered."""
    words = request.GET.get("term", "").replace("\x00", "").strip()
    page = number_in(request.GET.get("page", "1"), 1, 1_000)
    first = (page - 1) * FOUND_AT_ONCE
    found = for_readers().filter(headline_now__icontains=words).order_by("-desk__base_edition__updated_at", "-pk")
    stories = [*found[first : first + FOUND_AT_ONCE + 1]]
    results = [{"id": str(s.pk), "text": s.headline_now, "detail": s.topic_name} for s in stories[:FOUND_AT_ONCE]]
    return JsonResponse({"results": results, "pagination": {"more": len(stories) > FOUND_AT_ONCE}})


class StoryChooser(Chooser):
    """Of what readers have; who chooses need not be one who may work on stories."""

    def __init__(self):
        super().__init__(IssueStory._meta.get_field("article"), admin.site)

    def get_url(self):
        return reverse("admin:newsletter_issue_autocomplete")

    def render(self, name, value, attrs=None, renderer=None):
        select = super(Chooser, self).render(name, value, attrs, renderer)
        typed = "" if value is None or self._is_id(value) else value
        return format_html(BY_HAND, select, f"{name}-by-hand", typed)

    def value_from_datadict(self, data, files, name):
        typed = data.get(f"{name}-by-hand", "").replace("\x00", "").strip()
        return _at(typed) if typed else data.get(name)


def _at(address: str) -> int | str:
    """The story with this address; what was typed if there is none."""
    slug = address.rstrip("/").rpartition("/")[2]
    stories = Revision.objects.public().now_or_once_at(slug)
    return stories.values_list("article", flat=True).first() or address


class StoryField(forms.ModelChoiceField):
    widget = StoryChooser
    default_error_messages = {"invalid_choice": NO_STORY}

    def label_from_instance(self, story):
        return story.headline_now


class StoryRow(forms.Form):
    article = StoryField(Article.objects.none(), label="Story", required=False)
    order = forms.IntegerField(label="Place", required=False, min_value=0, max_value=9_999)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["article"].queryset = for_readers()


class StoryRows(forms.BaseFormSet):
    # What the admin's script for rows wants to be told.
    for_script = json.dumps(
        {
            "name": "#stories",
            "options": {"prefix": "stories", "addText": "Another story", "deleteText": "Take out"},
        }
    )

    def stories(self) -> list[Article]:
        """Each once, in order; a row without a place is last."""
        rows = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data.get("article")]
        rows.sort(key=lambda form: _last_if_none(form.cleaned_data.get("order")))
        return [*dict.fromkeys(form.cleaned_data["article"] for form in rows)]

    def save(self, issue: Issue) -> None:
        with transaction.atomic():
            issue.stories.all().delete()
            IssueStory.objects.bulk_create(
                IssueStory(issue=issue, article=story, position=place)
                for place, story in enumerate(self.stories(), start=1)
            )


def _last_if_none(order: int | None) -> tuple[bool, int]:
    return order is None, order or 0


_FormSet = forms.formset_factory(
    StoryRow, StoryRows, extra=1, max_num=MOST, absolute_max=MOST + 1, validate_max=True, can_delete=True
)


def rows(issue: Issue, data=None) -> StoryRows:
    """Those of an issue, or what was typed."""
    kept = [] if data is not None or issue.pk is None else issue.stories.all()
    initial = [{"article": story.article_id, "order": story.position} for story in kept]
    return _FormSet(data, prefix="stories", initial=initial)
