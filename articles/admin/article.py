"""A story at the desk: its list, its page, and the roads that begin there."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.forms import Textarea
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.module_loading import import_string

from .. import saved_states, working_copy
from ..models import Article, Citation, Desk, KeyPoint, PhotoUse, Section, Topic
from ..models.fields import PlainTextField
from ..richtext import RichTextRefused
from . import announcing, conflict, history, preview, publishing, rail, tighten, unsaved, withholding
from .choosers import Choosers
from .forms import StoryForm
from .model_admin import DeskModelAdmin
from .parts import CitationInline, KeyPointInline, PhotoUseInline, SectionInline, StandingInline
from .recovering import RecoverableStory
from .rich_text import relaxed_policy
from .story_list import StoryList

# Keys that lead on from a story.
SHORTCUTS = {"story_preview": "p", "articles_article_history": "h"}


@admin.register(Article)
class ArticleAdmin(StoryList, Choosers, RecoverableStory, DeskModelAdmin):
    prepopulated_fields = {"slug": ["headline"]}
    autocomplete_fields = ["byline"]
    fieldsets = [
        (None, {"fields": ["version", "tab", "kicker", "headline", "lead"]}),
        (None, {"fields": ["why_it_matters"]}),
        (
            "Byline, address and format",
            {"fields": ["byline", ("topic", "slug"), ("format", "language"), "share_text"]},
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["topic", "format", "headline", "slug", "language"]}),
    ]
    inlines = [KeyPointInline, PhotoUseInline, SectionInline, CitationInline, StandingInline]
    formfield_overrides = {PlainTextField: {"widget": Textarea(attrs={"rows": 3, "class": "vLargeTextField"})}}

    # Who sees what.

    def get_queryset(self, request):
        return Article.objects.editable_by(request.user).for_the_desk()

    def has_delete_permission(self, request, obj=None):
        """What readers were given is never deleted."""
        is_public = obj is not None and obj.desk.base_edition_id is not None
        return super().has_delete_permission(request, obj) and not is_public

    def delete_model(self, request, obj):
        if working_copy.lock(obj).base_edition_id:
            raise PermissionDenied("A story that has an edition cannot be deleted; withdraw it.")
        super().delete_model(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "topic":
            kwargs["queryset"] = Topic.objects.open_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # The roads.

    def get_urls(self):
        story = self.about_a_story
        return [
            path("<int:pk>/publish/", story(publishing.publish), name="story_publish"),
            path("<int:pk>/unsaved/", story(unsaved.throw_away), name="story_unsaved"),
            path("<int:pk>/rail/", story(rail.rail), name="story_rail"),
            path("<int:pk>/presence/", story(rail.presence), name="story_presence"),
            path("<int:pk>/confirm/<uuid:point>/", story(announcing.confirm_point), name="story_confirm_point"),
            path("<int:pk>/tighten/", story(tighten.tighten), name="story_tighten"),
            path("<int:pk>/tighten/look/", story(tighten.look), name="story_tighten_look"),
            path("<int:pk>/preview/", story(preview.preview), name="story_preview"),
            path("<int:pk>/withhold/", story(withholding.withhold), name="story_withhold"),
            path("<int:pk>/history/compare/", story(history.comparison), name="story_comparison"),
            path("<int:pk>/history/saves/<int:version>/", story(history.saved_state), name="story_saved_state"),
            path("<int:pk>/history/editions/<int:number>/", story(history.edition), name="story_edition"),
            *(
                path(f"<int:pk>/{road}/", story(announcing.announce, road=road), name=f"story_{road}")
                for road in announcing.ANNOUNCEABLE
            ),
            *super().get_urls(),
        ]

    def about_a_story(self, view, **given):
        """`view`, given a story that the user may work on."""

        def find(request, pk, **kwargs):
            article = get_object_or_404(self.get_queryset(request), pk=pk)
            try:
                return view(request, article, **given, **kwargs)
            except RichTextRefused as refusal:
                messages.error(request, str(refusal))
                return HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))

        return self.admin_site.admin_view(find)

    def history_view(self, request, object_id, extra_context=None):
        """Ours; Django's would tell of log entries alone."""
        article = self.get_object(request, unquote(object_id))
        if article is None:
            raise Http404
        return history.history(request, article)

    def roads(self, request, article) -> list[dict]:
        """Where one can go from a story, as title and address."""
        named = {
            "story_tighten": "Tighten…",
            "articles_article_history": "History",
            "story_preview": "Preview",
        }
        for road, said in announcing.open_to(request.user, article.desk).items():
            named[f"story_{road}"] = f"{said.title}…"
        if request.user.has_perm("articles.publish_article"):
            named["story_publish"] = "Publish a part…" if article.desk.base_edition_id else "Publish…"
        ours = [
            {
                "title": title,
                "href": reverse(f"admin:{name}", args=[article.pk]),
                "shortcut": SHORTCUTS.get(name),
            }
            for name, title in named.items()
        ]
        others = [road for name in settings.STORY_ROADS for road in import_string(name)(article, request.user)]
        return [*ours, *others]

    # The page.

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = StoryForm if obj else self.form
        widgets = {"headline": Textarea(attrs={"class": "vLargeTextField", "rows": 1})}
        return super().get_form(request, obj, change, form=form, widgets=widgets, **kwargs)

    @relaxed_policy
    def _with_editor(self, request, context, **kwargs):
        return super().render_change_form(request, context, **kwargs)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        # Said in our words: what was brought back has no error, though it is not saved.
        brought_back = unsaved.BRING_BACK in request.POST
        context |= {"brought_back": brought_back, "was_refused": context.pop("errors") and not brought_back}
        if obj:
            context |= self._beside(request, obj, context)
        render = super().render_change_form if add else self._with_editor
        return render(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def _beside(self, request, article, context) -> dict:
        """What our page shows more than Django's: the parts in reading order, and the rail."""
        top, why, rest = context["adminform"]
        inlines = {inline.opts.model: inline for inline in context["inline_admin_formsets"]}
        parts = [top, inlines[KeyPoint], why, inlines[PhotoUse], inlines[Section], inlines[Citation], rest]
        return {
            "story_parts": parts,
            "standing": inlines[Desk].formset,
            "published_points": announcing.confirmable(request.user, article.desk),
            "roads": self.roads(request, article),
            "rail": rail.beside(request, article),
        }

    # Saving: the whole page is one saved state.

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """As Django's, without a copy of the whole page for each of its kinds of parts: nobody changes it."""
        given = {"instance": obj, "prefix": prefix, "queryset": inline.get_queryset(request)}
        return given | ({"data": request.POST, "files": request.FILES} if request.method == "POST" else {})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if "_publish" in request.POST and not request.user.has_perm("articles.publish_article"):
            raise PermissionDenied  # Before anything is said to be saved.
        if unsaved.BRING_BACK in request.POST:
            request.POST = unsaved.brought_back(request, object_id)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except conflict.Stale as stale:
            return conflict.conflict_page(request, stale)

    def save_model(self, request, obj, form, change):
        """A change waits for `save_related`."""
        if not change:
            obj.save()

    def save_related(self, request, form, formsets, change):
        stale = conflict.Stale(form, formsets)
        try:
            if change and conflict.has_chosen(request):
                conflict.save_both(request, stale)
            else:
                self._save(request, form, formsets, change)
        except working_copy.StaleCopy:
            raise stale from None
        unsaved.forget(request, form.instance, unsaved.tab_of(request))

    def _save(self, request, form, formsets, change):
        article = form.instance
        version = form.cleaned_data["version"] if change else 0
        with working_copy.saving(article, by=request.user, version=version, comment=_summary(form, formsets)):
            if change:
                article.save()
            else:
                _begin_sections(article)
            # Sources first, as key points name them.
            formsets.sort(key=lambda formset: formset.model is not Citation)
            super().save_related(request, form, formsets, change)

    def response_change(self, request, obj):
        if "_publish" in request.POST:
            return publishing.publish(request, obj)
        unsaved.keep_said(request, obj)
        self.message_user(request, "Saved. Readers see it when it is published.", messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[obj.pk]))


def _begin_sections(article: Article) -> None:
    for position, (heading, role) in enumerate(article.format.sections, start=1):
        Section.objects.create(article=article, position=position, heading=heading, role=role)


def _summary(form, formsets) -> str:
    """What was touched, for the history."""
    fields = [str(form.fields[name].label).lower() for name in form.changed_data if not form[name].is_hidden]
    parts = [saved_states.called(formset.model) for formset in formsets if formset.has_changed()]
    return f"Changed {', '.join([*fields, *parts])}" if fields or parts else "Saved"
