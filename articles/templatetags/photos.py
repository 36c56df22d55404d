"""The tag that tells a template where the files of a photo are."""

from django import template
from django.core.files.storage import default_storage

from .. import renditions
from ..snapshot import Photo

register = template.Library()


@register.simple_tag
def picture(photo: Photo) -> renditions.Picture:
    return renditions.picture(photo, default_storage.url(""))
