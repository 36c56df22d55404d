"""A format at the desk: its limits, and how strict each check is for its stories."""

from django import forms
from django.contrib import admin

from ..checks import CHECKS, Level
from ..models import StoryFormat
from .forms import DeskForm
from .model_admin import DeskModelAdmin

_USUAL = {check.__name__: level for check, level in CHECKS.items()}


class LevelsForm(DeskForm):
    """With a field for every check; only what differs from the usual is kept."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.update({**_USUAL, **self.instance.check_levels})

    def save(self, commit=True):
        chosen = {name: self.cleaned_data[name] for name in _USUAL}
        self.instance.check_levels = {name: level for name, level in chosen.items() if level != _USUAL[name]}
        return super().save(commit)


def _field(name: str) -> forms.ChoiceField:
    choices = [(level.value, level.value.capitalize()) for level in Level]
    return forms.ChoiceField(label=name.replace("_", " ").capitalize(), choices=choices)


StoryFormatForm = type("StoryFormatForm", (LevelsForm,), {name: _field(name) for name in _USUAL})


@admin.register(StoryFormat)
class StoryFormatAdmin(DeskModelAdmin):
    form = StoryFormatForm
    list_display = ["name", "headline_characters", "lead_words", "key_point_count", "context_percent"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "kicker", "note", "headings"]}),
        (
            "Limits",
            {"fields": ["headline_characters", "lead_words", "key_point_count", "context_percent"]},
        ),
        (
            "Freshness",
            {"fields": ["stale_hours", "marks_stale"]},
        ),
        (
            "Checks before publishing",
            {
                "fields": [*_USUAL],
                "description": "What blocks must be mended; a warning may be overridden with a reason.",
            },
        ),
    ]
