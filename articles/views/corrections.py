"""What was wrong and is right now; and what readers hold to be wrong."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_safe

from ..models import Correction, ErrorReport, Revision, Topic
from ..pages import page
from ..public_post import public_post, seconds_to_wait
from .finding import STORY, of_a_story, of_a_story_taking_posts, of_a_topic, page_of, unlisted

CORRECTIONS_ON_PAGE = 25


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    return _corrections(request)


@of_a_topic
def topic_corrections(request: HttpRequest, topic: Topic) -> HttpResponse:
    return _corrections(request, topic)


def _corrections(request: HttpRequest, topic: Topic | None = None) -> HttpResponse:
    found = Correction.objects.public().standing().with_story()
    shelf = page_of(found.about(topic) if topic else found, request, CORRECTIONS_ON_PAGE)
    topics = list(Topic.objects.with_public_stories())
    stories = [(c.pk, c.story.chain_hash, c.article.slug, c.article.topic.slug) for c in shelf]

    def render_corrections() -> str:
        shown = {"topic": topic, "topics": topics, "shelf": shelf}
        shown["languages"] = Revision.objects.languages([correction.story for correction in shelf])
        return render_to_string("articles/corrections.html", shown)

    place = f"{shelf.number} of {shelf.paginator.num_pages}"
    named = [(named.pk, named.saved_at) for named in topics]
    return page(request, f"{place} {stories} {named} {topic and topic.saved_at}", render_corrections)


class ReportForm(forms.ModelForm):
    """What a reader tells. `website` is for machines that fill in whatever they find."""

    website = forms.CharField(required=False)

    class Meta:
        model = ErrorReport
        fields = ["text", "address"]
        error_messages = {
            "text": {
                "required": "Tell us what is wrong; this was empty.",
                "max_length": "This is too long: %(show_value)s characters, and %(limit_value)s are the most.",
            }
        }

    @property
    def is_from_a_machine(self) -> bool:
        return bool(self.data.get("website"))


@public_post
@unlisted
@of_a_story_taking_posts
def report_an_error(request: HttpRequest, newest: Revision) -> HttpResponse:
    if request.method == "POST":
        return _take(request, newest, ReportForm(request.POST))
    edition = _seen(request.GET, newest)
    return page(
        request,
        f"{newest.chain_hash} {edition}",
        lambda: render_to_string(FORM, _asking(newest, edition, ReportForm())),
    )


FORM = "articles/report_an_error.html"


def _take(request: HttpRequest, newest: Revision, form: ReportForm) -> HttpResponse:
    """What is typed stays in the form until it is taken."""
    asking = _asking(newest, _seen(request.POST, newest), form)
    if not form.is_valid():
        return HttpResponse(render_to_string(FORM, asking))
    wait = seconds_to_wait(request, "report", settings.REPORTS_PER_HOUR)
    if wait:
        asking["minutes"] = -(-wait // 60)
        return HttpResponse(render_to_string(FORM, asking), status=429, headers={"Retry-After": str(wait)})
    if not form.is_from_a_machine:
        form.instance.article_id, form.instance.edition = newest.article_id, asking["edition"]
        form.save()
    return HttpResponseRedirect(f"{newest.article.get_absolute_url()}report-an-error/received/", status=303)


def _asking(newest: Revision, edition: int, form: ReportForm) -> dict:
    return {
        "newest": newest,
        "address": newest.article.get_absolute_url(),
        "edition": edition,
        "form": form,
        "minutes": 0,
        "language": newest.content.story.language,
    }


def _seen(given, newest: Revision) -> int:
    """The edition the reader had before them; whatever else is sent for it, the newest."""
    number = given.get("edition", "")
    is_one = number.isascii() and number.isdecimal() and len(number) < 10 and 1 <= int(number) <= newest.number
    return int(number) if is_one else newest.number


@unlisted
@of_a_story
def report_received(request: HttpRequest, newest: Revision) -> HttpResponse:
    shown = {"newest": newest, "address": newest.article.get_absolute_url()}
    shown["language"] = newest.content.story.language
    return page(request, newest.chain_hash, lambda: render_to_string("articles/report_received.html", shown))


roads = [
    path("corrections/", corrections, name="corrections"),
    path("<slug:slug>/corrections/", topic_corrections, name="topic_corrections"),
    path(f"{STORY}report-an-error/", report_an_error, name="report_an_error"),
    path(f"{STORY}report-an-error/received/", report_received, name="report_received"),
]
