"""The rich-text editor: the only file that knows which one it is, and what the pages that show it may do."""

from ckeditor.widgets import CKEditorWidget
from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django import forms

from .. import richtext

# CKEditor 4 writes inline scripts and styles; only the pages that show it may run them.
relaxed_policy = csp_update({"script-src": [UNSAFE_INLINE], "style-src": [UNSAFE_INLINE], "img-src": ["data:"]})


class RichTextWidget(CKEditorWidget):
    """The editor, given nothing that was not cleaned; text that cannot be cleaned stays in a plain textarea."""

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs)

    def render(self, name, value, attrs=None, renderer=None):
        try:
            cleaned = richtext.clean(value or "")
        except richtext.RichTextRefused:
            return forms.Textarea(self.attrs).render(name, value, attrs, renderer)
        return super().render(name, cleaned, attrs, renderer)
