"""Photos at the desk: uploading one, saying what may not be cut off, and seeing what became of it."""

from django import forms
from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from .. import photos, renditions, uploads
from ..models import Article, Photo
from .forms import DeskForm
from .model_admin import KeptModelAdmin


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


@admin.register(Photo)
class PhotoAdmin(KeptModelAdmin):
    list_display = ["thumbnail", "title", "credit", "licence", "expires_on", "state", "uploaded_at"]
    list_display_links = ["thumbnail", "title"]
    search_fields = ["title", "credit", "licence"]
    fields = ["title", "credit", "licence", "expires_on", "focal_x", "focal_y"]
    actions = ["prepare_again"]

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(request, obj, **({} if obj else {"form": UploadForm}), **kwargs)

    def get_fields(self, request, obj=None):
        return [*self.fields, "crops", "state", "used_in", "uploaded_at"] if obj else ["upload", *self.fields]

    def get_readonly_fields(self, request, obj=None):
        return ["crops", "state", "used_in", "uploaded_at"] if obj else []

    def has_delete_permission(self, request, obj=None):
        """Editions that show it stay for ever."""
        return False

    def get_object(self, request, object_id, from_field=None):
        photo = super().get_object(request, object_id, from_field)
        if photo:
            photo.stories = Article.objects.editable_by(request.user).filter(photo_use__photo=photo)
        return photo

    def save_model(self, request, obj, form, change):
        if not change:
            photos.keep(obj, form.cleaned_data["upload"])
            return
        # Only what the form shows: the worker may have written the rest meanwhile.
        obj.save(update_fields=form.changed_data)
        if {"focal_x", "focal_y"} & set(form.changed_data):
            photos.redo(obj)

    def render_change_form(self, request, context, *args, **kwargs):
        answer = super().render_change_form(request, context, *args, **kwargs)
        if context["errors"]:
            answer.status_code = 400
        return answer

    @admin.action(description="Prepare again", permissions=["change"])
    def prepare_again(self, request, queryset):
        for photo in queryset:
            photos.redo(photo)
        self.message_user(request, "They are being prepared again.", messages.SUCCESS)

    @admin.display(description="")
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

    @admin.display(description="Used in your stories")
    def used_in(self, photo):
        links = [(reverse("admin:articles_article_change", args=[story.pk]), story) for story in photo.stories]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"


def _image(photo: Photo, crop: str, width: int):
    """The smallest rendition of a photo, shown at a width in pixels."""
    name = renditions.name(photo.rendition_name, crop, min(renditions.WIDTHS), "jpeg")
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}">',
        default_storage.url(name),
        crop,
        width,
        renditions.height(width, crop),
    )
