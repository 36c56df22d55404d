"""The forms of the desk. An error stands by the field it is about, and what was typed stays in it."""

import re
from collections.abc import Iterator
from functools import cached_property

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q, QuerySet
from django.forms.utils import ErrorDict
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html

from .. import workflow
from ..models import Citation, Desk
from .unsaved import BRING_BACK


def version_of(typed: str) -> int | None:
    """The number of a save that a form sends back; None for what can be none."""
    return int(typed) if re.fullmatch("[0-9]{1,9}", typed) else None


class DeskForm(forms.ModelForm):
    """A model form that puts the message of a broken constraint by the field that broke it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # A browser would cut what is pasted to this length, without a word.
            field.widget.attrs.pop("maxlength", None)

    def _post_clean(self):
        if not (self.instance._state.adding or self.has_changed()):
            return
        super()._post_clean()
        if NON_FIELD_ERRORS in self._errors:
            for error in self._errors.pop(NON_FIELD_ERRORS).as_data():
                self.add_error(self._field_of(error), error)

    def _field_of(self, error: ValidationError) -> str | None:
        for constraint in self._meta.model._meta.constraints:
            if constraint.get_violation_error_message() == error.message and self._breaks(constraint):
                names = getattr(constraint, "fields", None) or [*_names(constraint.condition)]
                return next((name for name in reversed(names) if name in self.fields), None)
        return None

    def _breaks(self, constraint) -> bool:
        try:
            constraint.validate(self._meta.model, self.instance)
        except ValidationError:
            return True
        return False


def _names(condition) -> Iterator[str]:
    """The fields a condition speaks of, in the order it does."""
    for child in condition.children if isinstance(condition, Q) else []:
        yield from _names(child) if isinstance(child, Q) else [child[0].partition("__")[0]]


def numbers_in(typed: str) -> list[int]:
    """
    The numbers of sources, each at the beginning of what stands between two commas; its name may follow.

    >>> numbers_in("2, 5 Example Agency: The deal")
    [2, 5]
    """
    found = [re.match(r"\s*([0-9]{1,4})\b", part) for part in typed.split(",")]
    return [int(number[1]) for number in found if number]


class StoryForm(DeskForm):
    """The top of a story, and the save of it that this form was made from."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    tab = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.initial["version"] = self.instance.desk.version

    def clean(self):
        if BRING_BACK in self.data:
            raise ValidationError("This is what you typed and did not save. Look it over, then save it.")
        if self.cleaned_data.get("version") is None:
            raise ValidationError(
                "This form does not say which save of the story it was made from. Copy what you typed, "
                "open the story again and save it there."
            )
        return super().clean()


def _assignable(desk: Desk) -> QuerySet[User]:
    """Who may edit stories, and who has this one whatever has become of them."""
    editing = User.objects.with_perm("articles.change_article")
    return (editing | User.objects.filter(pk=desk.assignee_id)).order_by("username")


class StandingForm(DeskForm):
    """Where the next edition stands; `user` is who is asking."""

    user = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        status = workflow.Status(self.instance.status)
        self.fields["status"].choices = [
            (new.value, new.label) for new in workflow.Status if workflow.may_move(self.user, status, new)
        ]
        self.fields["assignee"].queryset = _assignable(self.instance)
        for field in self.fields.values():
            # So that a form that comes back late moves only what its editor moved.
            field.show_hidden_initial = True

    def save(self, commit=True):
        self.instance.save(update_fields=self.changed_data)
        return self.instance


class Shared(dict):
    """The fields of all forms of a class, not a copy for each: copying takes as long as reading what is in them."""

    def __deepcopy__(self, memo):
        return dict(self)


class PartForm(DeskForm):
    """An ordered part of a story; `user` is who is asking."""

    user = None
    order = forms.IntegerField(required=False, min_value=0, max_value=32_767, help_text="Empty: last.")

    def __init__(self, *args, instance=None, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        self.is_new = instance is None
        if not self.is_new:
            self.initial["order"] = instance.position

    def full_clean(self):
        """A row that came back as it was shown was good when it was saved: 300 of them are not looked at again."""
        if self.is_new or self.has_changed():
            super().full_clean()
        else:
            self._errors, self.cleaned_data = ErrorDict(), self.as_it_was()

    def as_it_was(self) -> dict:
        return self.initial

    @cached_property
    def changed_data(self):
        """Of a new row the place alone says nothing: whoever moves the others moves an empty one too."""
        changed = super().changed_data
        return [] if self.is_new and changed == ["order"] else changed


class ChosenBoxes(forms.CheckboxSelectMultiple):
    """A box for each choice that is made; all the others would be thousands on the page of a long story."""

    def optgroups(self, name, value, attrs=None):
        names = dict(self.choices)
        return [
            (None, [self.create_option(name, key, names[key], True, index, attrs=attrs)], index)
            for index, key in enumerate(value)
            if key in names
        ]


class Listed(BaseChoiceIterator):
    """Choices that are as they should be; Django would look at each of them again for every field."""

    def __init__(self, choices: list[tuple[str, str]]):
        self.choices = choices

    def __iter__(self):
        return iter(self.choices)


class KeyPointForm(PartForm):
    """`cited` are the story's citations as choices, read once for all key points; each is known by its place."""

    cited = []
    citations = forms.MultipleChoiceField(required=False, label="Sources", widget=ChosenBoxes)
    cite = forms.CharField(
        required=False,
        label="Add sources, by number",
        widget=forms.TextInput({"list": "cited-sources", "autocomplete": "off"}),
        help_text="As 2 or 2, 5; those that the story cites and that are saved.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["citations"].choices = Listed(self.cited)
        if not self.is_new:
            self.initial["citations"] = [str(citation.pk) for citation in self.instance.citations.all()]

    def clean_cite(self):
        numbers = numbers_in(self.cleaned_data["cite"])
        unknown = [number for number in numbers if not 1 <= number <= len(self.cited)]
        if unknown or (self.cleaned_data["cite"].strip() and not numbers):
            raise ValidationError(f"Write numbers of the story’s sources; it has {len(self.cited)} that are saved.")
        chosen = self.cleaned_data.get("citations", [])
        added = [self.cited[number - 1][0] for number in numbers]
        self.cleaned_data["citations"] = [*dict.fromkeys([*chosen, *added])]
        return self.cleaned_data["cite"]

    def clean_as_of(self):
        """To the microsecond as it was, unless another time was typed."""
        is_typed = self.is_new or "as_of" in self.changed_data
        return self.cleaned_data["as_of"] if is_typed else self.instance.as_of

    def _save_m2m(self):
        kept = Citation.objects.filter(article=self.instance.article, pk__in=self.cleaned_data["citations"])
        self.instance.citations.set(kept)


class SectionForm(PartForm):
    def clean_body(self):
        """To the letter as it was, unless the text changed: the editor lays out HTML in its own way."""
        return self.cleaned_data["body"] if "body" in self.changed_data else self.instance.body


class PhotoUseForm(DeskForm):
    def validate_unique(self):
        """That a story has one photo is seen to when it is saved."""


class Shown(forms.Widget):
    """A value to be read."""

    def render(self, name, value, attrs=None, renderer=None):
        return format_html('<span class="shown">{}</span>', value or "–")


class CitationForm(PartForm):
    """A citation keeps its source: to cite another one, take this citation out and add that."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.is_new:
            self._show("source", str(self.instance))
            if "confidential_source" in self.fields:
                self._show("confidential_source", getattr(self.instance.confidential_source, "name", ""))

    def _show(self, name, value):
        self.fields[name] = forms.CharField(required=False, disabled=True, widget=Shown)
        self.initial[name] = value

    def as_it_was(self) -> dict:
        return self.initial | {name: getattr(self.instance, name) for name in ("source", "confidential_source")}

    def clean_source(self):
        return self.cleaned_data["source"] if self.is_new else self.instance.source

    def clean_confidential_source(self):
        return self.cleaned_data["confidential_source"] if self.is_new else self.instance.confidential_source
