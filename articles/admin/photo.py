"""Photos at the desk: uploading one, saying what may not be cut off, and seeing what became of it."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path, re_path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from .. import media, photos, renditions, snapshot, uploads, usage
from ..models import Photo, PhotoUse
from .forms import DeskForm
from .model_admin import KeptModelAdmin
from .used_in import UsedIn


class UploadForm(DeskForm):
    """A new photo. What the file itself tells need not be typed."""

    upload = forms.FileField(
        label="File",
        widget=forms.FileInput(
            attrs={"accept": ",".join(name for names in uploads.SUFFIXES.values() for name in names)}
        ),
        help_text=(
            f"JPEG, PNG, WebP, GIF or AVIF, {uploads.MOST_MEGABYTES} MB and {uploads.MOST_MEGAPIXELS} megapixels "
            f"at most, {uploads.SMALLEST_SIDE} pixels at least on each side."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("title", "credit"):
            self.fields[name].required = False
            self.fields[name].help_text += " Left empty, what the file says."

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        try:
            self.found = uploads.inspect(file)
        except uploads.UploadRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file

    def clean(self):
        super().clean()
        if "upload" in self.cleaned_data:
            for name in ("title", "credit"):
                self.cleaned_data[name] = self.cleaned_data.get(name) or getattr(self.found, name)
            if not self.cleaned_data["credit"]:
                self.add_error("credit", "The file does not say whose work it is. Write that here.")


class StoryUploadForm(UploadForm):
    """A new photo for the story one is writing, which is told in the same step what it shows."""

    alt = forms.CharField(
        label="Alternative text",
        max_length=PhotoUse._meta.get_field("alt").max_length,
        widget=AdminTextInputWidget,
        help_text=PhotoUse._meta.get_field("alt").help_text,
    )


@admin.register(Photo)
class PhotoAdmin(UsedIn, KeptModelAdmin):
    usage = staticmethod(usage.of_photo)
    list_display = ["thumbnail", "title", "credit", "licence", "expires_on", "state", "uploaded_at"]
    list_display_links = ["thumbnail", "title"]
    search_fields = ["title", "credit", "licence"]
    fields = ["title", "credit", "licence", "expires_on", "focal_x", "focal_y"]
    actions = ["prepare_again"]

    def get_urls(self):
        whole = self.admin_site.admin_view(self.whole)
        rendition = self.admin_site.admin_view(self.rendition)
        return [
            path("<path:object_id>/whole/", whole, name="photo_whole"),
            re_path(f"^{renditions.NAME}$", rendition, name="photo_rendition"),
            *super().get_urls(),
        ]

    def get_form(self, request, obj=None, **kwargs):
        if not obj:
            kwargs["form"] = StoryUploadForm if _is_popup(request) else UploadForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request, obj=None):
        if obj:
            return [*self.fields, "crops", "state", "uploaded_at"]
        return ["upload", *(["alt"] if _is_popup(request) else []), "credit", "title", *self.fields[2:]]

    def get_readonly_fields(self, request, obj=None):
        return ["crops", "state", "uploaded_at"] if obj else []

    def has_delete_permission(self, request, obj=None):
        """Editions that show it stay for ever."""
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            photos.keep(obj, form.cleaned_data["upload"])
            return
        # Only what the form shows: the worker may have written the rest meanwhile.
        obj.save(update_fields=form.changed_data)
        if {"focal_x", "focal_y"} & set(form.changed_data):
            photos.redo(obj)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if context["errors"] and _is_script(request):
            return JsonResponse({"errors": context["adminform"].form.errors}, status=400)
        context["whole"] = obj and photos.whole(obj)
        answer = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        if context["errors"]:
            answer.status_code = 400
        return answer

    def response_add(self, request, obj, post_url_continue=None):
        """To the script that uploads: where to go on, or what the story's page is told of the new photo."""
        answer = super().response_add(request, obj, post_url_continue)
        if not _is_script(request):
            return answer
        if _is_popup(request):
            return JsonResponse({"photo": str(obj.pk), "name": str(obj), "alt": request.POST.get("alt", "")})
        return JsonResponse({"address": answer.url})

    @method_decorator(require_safe)
    def whole(self, request, object_id):
        """The picture uncut, to set the focal point on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = self.get_object(request, unquote(object_id))
        name = photo and photos.whole(photo)
        if not name:
            raise Http404("There is no such picture.")
        with photo.original.storage.open(name) as picture:
            headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
            return HttpResponse(picture.read(), content_type="image/jpeg", headers=headers)

    @method_decorator(require_safe)
    def rendition(self, request, name, kind):
        """What readers may not see yet, or no more."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return media.file(request, name, kind)

    def choice(self, photo) -> dict:
        ended = "licence ended" if photo.is_expired else ""
        details = [photo.credit, photo.licence, ended, "" if photo.is_ready else "being prepared"]
        found = {"text": photo.title, "detail": " · ".join(filter(None, details))}
        return {**found, "thumbnail": _address(photo, "1/1")} if photo.is_ready else found

    @admin.action(description="Prepare again", permissions=["change"])
    def prepare_again(self, request, queryset):
        for photo in queryset:
            photos.redo(photo)
        self.message_user(request, "They are being prepared again.", messages.SUCCESS)

    @admin.display(description="picture")
    def thumbnail(self, photo):
        return _image(photo, "1/1", 80) if photo.is_ready else ""

    @admin.display(description="As readers see it")
    def crops(self, photo):
        if not photo.is_ready:
            return "–"
        return format_html_join(" ", "{}", [(_image(photo, crop, 220),) for crop in renditions.CROPS])

    @admin.display
    def state(self, photo):
        if photo.failure:
            return photo.failure
        return "Ready" if photo.is_ready else "Being prepared; look again in a few seconds."


def _is_popup(request) -> bool:
    return IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST


def _is_script(request) -> bool:
    return request.headers.get("Accept") == "application/json"


def _address(photo: Photo, crop: str) -> str:
    """Of the smallest rendition."""
    return _media() + renditions.name(photo.rendition_name, crop, min(renditions.WIDTHS), "jpeg")


def picture_at_the_desk(photo: snapshot.Photo) -> renditions.Picture:
    """As `reading.picture_of`, of a photo that readers may not have been shown yet."""
    return renditions.picture(photo, _media())


def _media() -> str:
    """The desk's own address of the public storage."""
    return reverse("admin:articles_photo_changelist")


def _image(photo: Photo, crop: str, width: int):
    """The smallest rendition of a photo, shown at a width in pixels."""
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}">',
        _address(photo, crop),
        crop,
        width,
        renditions.height(width, crop),
    )
