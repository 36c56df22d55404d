"""What surrounds every page and changes only with a release: the name of the site, its address, and a version."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

_SETTINGS = ("SITE_NAME", "SITE_URL", "TIME_ZONE", "LANGUAGE_CODE", "MEDIA_URL", "STATIC_URL")
_FOLDERS = ("articles", "newsletter", "newsroom", "templates")
_SUFFIXES = {".css", ".html", ".js", ".py", ".svg", ".txt"}


def version() -> str:
    """What the frame and the code around an edition are right now; equal on every machine of a release."""
    release = _version() if settings.DEBUG else _version_of_this_process()
    return " ".join([release, *(said() for said in _surroundings())])


@functools.cache
def _surroundings() -> list[Callable[[], str]]:
    """What else stands on pages beside an edition, each as text that changes with it."""
    return [import_string(name) for name in settings.FRAME]


def absolute(path: str) -> str:
    """The address of `path` for a link that leaves the site."""
    return settings.SITE_URL + path


def _version() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name in _SETTINGS:
        digest.update(f"{name} {getattr(settings, name)}\n".encode())
    for path in _files():
        digest.update(f"{path.relative_to(settings.BASE_DIR)} {path.stat().st_size}".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files() -> list[Path]:
    roots = [Path(settings.BASE_DIR, folder) for folder in _FOLDERS]
    return sorted(path for root in roots for path in root.rglob("*") if path.suffix in _SUFFIXES)


_version_of_this_process = functools.cache(_version)
