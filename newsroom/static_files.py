"""Which static files are served: those of every app, but of the rich-text editor only what its pages ask for."""

from fnmatch import fnmatch

from django.contrib.staticfiles.finders import AppDirectoriesFinder

EDITOR = "ckeditor/"
# Of 1,258 files, test pages and a file uploader's among them.
ALLOWED = [
    "ckeditor-init.js",
    "ckeditor.css",
    "fixups.js",
    "ckeditor/ckeditor.js",
    "ckeditor/config.js",
    "ckeditor/contents.css",
    "ckeditor/lang/*.js",
    "ckeditor/plugins/icons*.png",
    "ckeditor/plugins/clipboard/dialogs/paste.js",
    "ckeditor/plugins/dialog/styles/dialog.css",
    "ckeditor/plugins/link/dialogs/link.js",
    "ckeditor/plugins/pastefrom*/filter/default.js",
    "ckeditor/plugins/pastetools/filter/*.js",
    "ckeditor/plugins/table/dialogs/table.js",
    "ckeditor/plugins/tableselection/styles/tableselection.css",
    "ckeditor/plugins/tabletools/dialogs/tableCell.js",
    "ckeditor/skins/moono-lisa/dialog.css",
    "ckeditor/skins/moono-lisa/editor.css",
    "ckeditor/skins/moono-lisa/editor_gecko.css",
    "ckeditor/skins/moono-lisa/icons*.png",
    "ckeditor/skins/moono-lisa/images/*.png",
    "ckeditor/skins/moono-lisa/images/*.gif",
]


class AllowedFilesFinder(AppDirectoriesFinder):
    def list(self, ignore_patterns):
        return (found for found in super().list(ignore_patterns) if is_allowed(found[0]))

    def find_in_app(self, app, path):
        return super().find_in_app(app, path) if is_allowed(path) else None


def is_allowed(path: str) -> bool:
    """
    >>> is_allowed("css/base.css"), is_allowed("ckeditor/ckeditor/plugins/flash/plugin.js")
    (True, False)
    """
    return not path.startswith(EDITOR) or any(fnmatch(path, EDITOR + pattern) for pattern in ALLOWED)
