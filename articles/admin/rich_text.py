"""The rich-text editor: the only module that knows which one it is and what the pages that show it may do."""

import re

from ckeditor.widgets import CKEditorWidget
from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django import forms
from django.templatetags.static import static

from .. import richtext

# CKEditor 4 writes inline scripts and styles; only the pages that show it may run them.
# Beside it stands a frame with the preview.
relaxed_policy = csp_update(
    {
        "script-src": [UNSAFE_INLINE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "frame-src": [SELF],
    }
)

# No source view, no pictures, no files, nothing that asks another site.
EDITOR = {
    "toolbar": [
        ["Format", "Bold", "Italic"],
        ["Link", "Unlink"],
        ["BulletedList", "NumberedList", "Blockquote", "Table"],
        ["PasteText", "RemoveFormat"],
        ["Undo", "Redo"],
    ],
    "format_tags": "p;h3;h4",
    "allowedContent": (
        "p br strong em ul ol li blockquote h3 h4 table thead tbody tr;"
        "a[!href]; td[colspan,rowspan]; th[colspan,rowspan,scope]"
    ),
    "removePlugins": (
        "about,a11yhelp,bidi,colorbutton,colordialog,copyformatting,dialogadvtab,div,editorplaceholder,elementspath,"
        "exportpdf,filebrowser,find,font,forms,horizontalrule,iframe,image,justify,language,magicline,"
        "newpage,pagebreak,preview,print,save,scayt,showblocks,smiley,sourcearea,specialchar,stylescombo,templates,"
        "uploadimage,uploadwidget"
    ),
    "stylesSet": False,
    "removeDialogTabs": "link:target;link:advanced;table:advanced",
    "linkDefaultProtocol": "https://",
    "disableNativeSpellChecker": False,
    "entities": False,
    "fillEmptyBlocks": False,
    "versionCheck": False,
    "height": 240,
    "width": "100%",
}


class RichTextWidget(CKEditorWidget):
    """The editor, given nothing that was not cleaned; text that cannot be cleaned stays in a plain textarea."""

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs)
        self.config = {**EDITOR, "contentsCss": static("desk/section.css")}

    def render(self, name, value, attrs=None, renderer=None):
        try:
            cleaned = richtext.clean(value or "")
        except richtext.RichTextRefused:
            return forms.Textarea(self.attrs).render(name, value, attrs, renderer)
        return super().render(name, cleaned, attrs, renderer)


class RichTextFormField(forms.CharField):
    """Editor HTML; how it is laid out, and what cleaning takes away, is no change."""

    def has_changed(self, initial, data):
        try:
            return not is_same_text(initial or "", data or "")
        except richtext.RichTextRefused:
            return True


def is_same_text(html: str, other: str) -> bool:
    return _packed(html) == _packed(other)


_SPACES = re.compile("[ \t\r\n]+")
_AROUND_BLOCKS = re.compile(r"\s*(</?(?:p|h3|h4|ul|ol|li|blockquote|table|thead|tbody|tr|td|th)\b[^>]*>)\s*")


def _packed(html: str) -> str:
    return _AROUND_BLOCKS.sub(r"\1", _SPACES.sub(" ", richtext.clean(html)))
