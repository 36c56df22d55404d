"""Fields in which a row is searched for instead of being picked from a list of all."""

import re

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

BY_HAND = """{}
<noscript>
  <label>Its number, or the address of its page at the desk
    <input type="text" name="{}" value="{}" class="vTextField"></label>
  <a href="{}" target="_blank">Find it in the list</a>
</noscript>"""


class Choosers:
    """For an admin with `autocomplete_fields`: what is no id at all is refused, as one that is nobody's is."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Chooser(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = ChooserOfMany(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class _OfIds:
    @property
    def media(self):
        ours = forms.Media(
            js=[forms.Script("desk/choosers.js", type="module")], css={"screen": ["desk/choosers.css"]}
        )
        return super().media + ours

    def build_attrs(self, base_attrs, extra_attrs=None):
        """With words where nothing is chosen: they are also what a screen reader calls the field."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": "Search"}

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [chosen for chosen in value if self._is_id(chosen)], attr)

    def _is_id(self, chosen) -> bool:
        try:
            return self.field.remote_field.model._meta.pk.to_python(chosen) is not None
        except ValidationError:
            return False


class Chooser(_OfIds, AutocompleteSelect):
    """With scripts off, where nothing can be searched for, there is a field to say by hand which row is meant."""

    def render(self, name, value, attrs=None, renderer=None):
        select = super().render(name, value, attrs, renderer)
        opts = self.field.remote_field.model._meta
        rows = reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist")
        typed = "" if value is None or self._is_id(value) else value
        return format_html(BY_HAND, select, _by_hand(name), typed, rows)

    def value_from_datadict(self, data, files, name):
        typed = data.get(_by_hand(name), "").strip()
        address = re.search("/([^/]+)/change/", typed)
        return (address[1] if address else typed) or super().value_from_datadict(data, files, name)


def _by_hand(name: str) -> str:
    return f"{name}-by-hand"


class ChooserOfMany(_OfIds, AutocompleteSelectMultiple):
    def build_attrs(self, base_attrs, extra_attrs=None):
        """Each choice has a cross of its own; one for all would stand in their list and be none of them."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}
