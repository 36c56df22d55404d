"""Fields in which a row is searched for instead of being picked from a list of all."""

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError


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
    pass


class ChooserOfMany(_OfIds, AutocompleteSelectMultiple):
    def build_attrs(self, base_attrs, extra_attrs=None):
        """Each choice has a cross of its own; one for all would stand in their list and be none of them."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}
