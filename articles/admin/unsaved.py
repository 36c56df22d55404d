"""What is typed and not saved: kept for its editor every few seconds, and offered back."""

import re
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from ..models import Article, UnsavedText

# The browser's tab that a form is in, and the field that asks for what another one had typed.
TAB, BRING_BACK = "tab", "bring_back"
_TAB = re.compile("[0-9a-z-]{0,40}")
# The tabs whose text is saved, by which the browser forgets its own copies; as many as may be on their way at once.
SAVED_TABS, MOST_SAVED = "saved_tabs", 20
# What is typed about the edition to come: saving the story sends it nowhere, so the session has it until then.
SAID, MOST_SAID = "said", 20
SAID_FIELDS = ("note", "wrong", "right", "reason", "private_note", "no_mail")


def tab_of(request: HttpRequest) -> str:
    """The tab that sends a form; empty without script. Raises 404 for what can be none."""
    tab = request.POST.get(TAB, "")
    if not _TAB.fullmatch(tab):
        raise Http404
    return tab


def keep(request: HttpRequest, article: Article) -> None:
    tab = tab_of(request)
    if tab:
        fields = {_sound(name): [*map(_sound, values)] for name, values in request.POST.lists()}
        fields.pop("csrfmiddlewaretoken", None)
        UnsavedText.objects.keep(article, request.user, tab, fields)


def _sound(text: str) -> str:
    """Without what the database takes in no text: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def forget(request: HttpRequest, article: Article, tab: str) -> None:
    """What this tab had typed is saved, or thrown away."""
    if tab:
        UnsavedText.objects.forget(article, request.user, tab)
        saved(request)


def saved(request: HttpRequest) -> None:
    """What this request has sent is with the desk: the next page tells the browser so."""
    tab = request.POST.get(TAB, "")
    if tab and _TAB.fullmatch(tab):
        request.session[SAVED_TABS] = [*request.session.get(SAVED_TABS, []), tab][-MOST_SAVED:]


def keep_said(request: HttpRequest, article: Article) -> None:
    """What was typed of it in this form; what the form does not ask stays."""
    kept = request.session.get(SAID, {})
    before = kept.pop(str(article.pk), {})
    typed = before | _typed(request)
    if before or any(typed.values()):
        request.session[SAID] = dict([*kept.items(), (str(article.pk), typed)][-MOST_SAID:])


def forget_said(request: HttpRequest, article: Article) -> None:
    if request.session.get(SAID, {}).pop(str(article.pk), None) is not None:
        request.session.modified = True


def said(request: HttpRequest, article: Article) -> dict[str, str]:
    """What was typed about the edition to come: in this form, or before the story was last saved."""
    return _typed(request) or request.session.get(SAID, {}).get(str(article.pk), {})


def _typed(request: HttpRequest) -> dict[str, str]:
    """Of a box that is not ticked a form says nothing."""
    typed = {name: request.POST[name] for name in SAID_FIELDS if name in request.POST}
    return {"no_mail": "", **typed} if typed else {}


def offers(request: HttpRequest, article: Article) -> list[dict]:
    """What this editor typed in other tabs, or in ones that are gone, newest first."""
    row = UnsavedText.objects.filter(article=article, user=request.user).first()
    tabs = {tab: kept for tab, kept in row.tabs.items() if tab != request.POST.get(TAB)} if row else {}
    found = [{"tab": tab, "at": datetime.fromisoformat(kept["at"])} for tab, kept in tabs.items()]
    return sorted(found, key=lambda offer: offer["at"], reverse=True)


@require_POST
def throw_away(request: HttpRequest, article: Article) -> HttpResponse:
    forget(request, article, tab_of(request))
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))


def fields(user, story: int | str, tab: str) -> dict[str, list[str]] | None:
    """What was typed in this tab, by the names of the form's fields; None if nothing is kept of it."""
    row = UnsavedText.objects.filter(article=story, user=user).first() if str(story).isdecimal() else None
    return row.tabs[tab]["fields"] if row and tab in row.tabs else None


def brought_back(request: HttpRequest, story: str) -> QueryDict:
    """The form as the tab that is asked for had it, to be looked at again."""
    tab = request.POST[BRING_BACK]
    typed = fields(request.user, story, tab)
    if typed is None:
        raise Http404("This text was saved or thrown away meanwhile.")
    form = QueryDict(mutable=True)
    for name, values in typed.items():
        form.setlist(name, values)
    form[BRING_BACK] = tab
    return form
