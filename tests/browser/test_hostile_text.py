"""Scripts typed into every field there is: on no page that is made of them does one run."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from articles import publishing, quoting, working_copy
from articles.kinds import Kind
from articles.models import PhotoUse
from tests import make
from tests.articles.forms import Form

PICTURED = str.maketrans("␀␉␊␌␍", "\x00\t\n\f\r")
PAYLOADS = [
    line.translate(PICTURED)
    for line in Path(__file__).with_name("payloads.txt").read_text().splitlines()
    if line and not line.startswith("# ")
]
STORIES, SECTIONS = 4, 8
# As many run by themselves at least, so that the watch is known to see them.
ENOUGH = 60

# Runs before anything else in every window and frame; `tell` is told of every call of the four functions, and of
# every element and attribute that could run a script and is not ours.
WATCH = r"""
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => tell(`${name} ran`);
const roads = "href xlink:href src srcdoc action formaction data background poster ping".split(" ");
window.suspicions = (element) => {
  if (element.closest(".cke, [id^=cke_], [class*=cke_]")) return [];
  const found = [];
  if (element.localName == "script" && !element.src.startsWith(location.origin)) found.push("script");
  if (/^(iframe|frame|object|embed|base|math)$/.test(element.localName)) found.push(element.localName);
  if (element.matches("meta[http-equiv=refresh]")) found.push("refresh");
  for (const { name, value } of element.attributes) {
    if (name.startsWith("on")) found.push(name);
    if (roads.includes(name) && /^[\s\x00-\x1f]*(javascript|vbscript|data):/i.test(value)) found.push(name);
  }
  return found.map((what) => `${what} in ${element.outerHTML.slice(0, 200)}`);
};
const look = (root) => [root, ...root.querySelectorAll("*")].flatMap(suspicions).forEach(tell);
new MutationObserver((changes) => {
  for (const { addedNodes, target, type } of changes) {
    const changed = type == "attributes" ? [target] : addedNodes;
    for (const node of changed) if (node instanceof Element) look(node);
  }
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
EDITORS_ARE_READY = "Object.values(CKEDITOR.instances).every((editor) => editor.status == 'ready')"
LOOK_INTO_EDITORS = """
for (const { document } of Object.values(CKEDITOR.instances))
  [...document.$.body.querySelectorAll("*")].flatMap(suspicions).forEach(tell);
"""
FILL_FRAMES = """(payloads) => payloads.forEach((payload, number) => {
  frames[number].name = number;
  frames[number].frameElement.srcdoc = payload;
})"""


class Watched:
    """A window of somebody who is logged in, without the policy that would stop scripts from running."""

    def __init__(self, context):
        self.told = []
        context.expose_binding(
            "tell", lambda source, what: self.told.append(f"{source['frame'].url} {source['frame'].name}: {what}")
        )
        context.add_init_script(WATCH)
        self.page = context.new_page()
        self.pages = 0

    @property
    def ran(self) -> set[str]:
        return {what for what in self.told if what.endswith(" ran")}

    def look_at(self, address: str):
        self.pages += 1
        assert self.page.goto(address).status in (200, 409), address
        if self.page.evaluate("'CKEDITOR' in window"):
            self.page.wait_for_function(EDITORS_ARE_READY)
            self.page.evaluate(LOOK_INTO_EDITORS)


@pytest.fixture
def chief(client_for):
    return client_for(make.user("chief", is_superuser=True))


@pytest.fixture
def window(browser, live_server, chief):
    context = browser.new_context(base_url=live_server.url, bypass_csp=True)
    session = {"name": "sessionid", "value": chief.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([session])
    yield Watched(context)
    context.close()


def packed(payloads, length: int) -> list[str]:
    """The payloads in as few texts of at most this length as keep their order."""
    texts = [""]
    for payload in payloads:
        if len(texts[-1]) + len(payload) >= length:
            texts.append("")
        texts[-1] += payload + " "
    return texts


def hostile_story(payloads, photo):
    """Every field of a story and of what it uses, its editions and its working copy, full of payloads."""
    headlines = packed(payloads, 300)
    lines = [payload.replace("\x00", "") for payload in payloads]  # PostgreSQL has no such character.
    everything = " ".join(lines)
    topic = make.topic(lines[0][:60], slug=f"topic-{len(everything)}", description=everything)
    kind = make.story_format(name=lines[1][:60], kicker=lines[2][:40], note=everything, slug=topic.slug)
    story = make.story(
        headlines[0],
        topic=topic,
        format=kind,
        lead=everything,
        why_it_matters=everything,
        share_text=everything[:1000],
        kicker=lines[3][:40],
        key_points=payloads,
        sections=[(line, payload) for line, payload in zip(lines, payloads, strict=True)],
        sources=[make.source(line, title=line) for line in lines],
    )
    for name in lines[:4]:
        story.byline.add(make.author(name[:80]))
    for point, citation, line in zip(story.key_points.all(), story.citations.all(), lines, strict=True):
        story.key_points.filter(pk=point.pk).update(verification="withdrawn", reason=line)
        story.citations.filter(pk=citation.pk).update(supports=line)
    PhotoUse.objects.create(article=story, photo=photo, alt=everything[-300:], caption=everything)
    publish_all(story, headlines, lines)
    rewrite(story, payloads)
    return story


def publish_all(story, headlines, lines):
    """An edition for each headline, and a correction."""
    chief, notes = make.user("chief"), packed(lines, 500)
    said = {"by": chief, "reason": notes[0], "private_note": notes[-1]}
    publishing.publish(story, kind=Kind.FIRST, base=0, note=notes[0], **said)
    for headline, note in zip(headlines[1:], notes * 9, strict=False):
        make.edition(story, headline=headline, note=note, by=chief)
    wrong, *_, right = packed(lines, 1000)
    box = publishing.Box(wrong=wrong, right=right, first_wrong=1, last_wrong=1)
    publishing.publish(story, kind=Kind.CORRECTION, base=len(headlines), note=notes[-1], box=box, **said)


def rewrite(story, payloads):
    """Several payloads in each of a few sections, between words this time, and the other sections taken out."""
    version = working_copy.Desk.objects.get(article=story).version
    texts = [f"<p>Before {payload} after.</p>" for payload in payloads]
    with working_copy.saving(story, by=make.editor(), version=version, comment=payloads[-1]):
        for number, section in enumerate(story.sections.all()):
            section.body = "".join(texts[number::SECTIONS])
            section.save() if number < SECTIONS else section.delete()


def pages_of(story) -> list[str]:
    public, desk = story.get_absolute_url(), f"/desk/articles/article/{story.pk}/"
    version = working_copy.Desk.objects.get(article=story).version
    newest = story.revisions.first().number
    return [
        *(public, f"{public}changes/", *(f"{public}revisions/{number}/" for number in (1, 2, newest))),
        *(f"{public}{road}/" for road in ("leads", "since/1", f"since/2/{newest}")),
        *(f"{public}changes/quote/?{urlencode({'q': quote})}" for quote in quotes(story)),
        *(story.topic.get_absolute_url(), f"{story.topic.get_absolute_url()}feed/"),
        *(f"{desk}{road}/" for road in ("change", "preview", "publish", "settle", "withdraw", "history")),
        *(f"{desk}history/saves/{version}/", f"{desk}history/editions/1/"),
        *(f"/desk/articles/revision/{story.revisions.first().pk}/{road}/" for road in ("change", "history")),
        f"/desk/articles/correction/{story.corrections.first().pk}/change/",
        f"/desk/articles/topic/{story.topic_id}/change/",
        f"/desk/articles/storyformat/{story.format_id}/change/",
        *(f"/desk/articles/source/{citation.source_id}/change/" for citation in story.citations.all()[:2]),
    ]


def quotes(story) -> list[str]:
    """What the quote check finds, what it does not find, and what it refuses to look for."""
    lead = story.revisions.get(number=1).lead[: quoting.LONGEST]
    return [lead, f"{lead[:500]} {PAYLOADS[1]}", " ".join(PAYLOADS)]


def pages_of_all() -> list[str]:
    lists = ("article", "revision", "correction", "topic", "storyformat", "author", "source", "photo")
    return [
        "/",
        "/feeds/",
        "/about/standards/",
        "/desk/",
        "/desk/articles/",
        *(f"/desk/articles/{name}/" for name in lists),
    ]


def given_back(window, chief, story, **changes) -> str:
    """An address that shows the answer to a form full of payloads, sent too late to be saved."""
    form = Form(chief, f"/desk/articles/article/{story.pk}/change/")
    typed = {f"sections-{number}-body": "".join(PAYLOADS[number::SECTIONS]) for number in range(SECTIONS)}
    answer = form.send(**{"version": "1", "headline": PAYLOADS[0], "lead": " ".join(PAYLOADS), **typed, **changes})
    address = f"/answer-{answer.status_code}"
    window.page.route(f"**{address}", lambda route: route.fulfill(body=answer.content, content_type="text/html"))
    return address


def test_the_payloads_run_where_nothing_protects(window):
    def answer(route):
        is_control = route.request.url.endswith("/control")
        frames = "<iframe></iframe>" * len(PAYLOADS)
        route.fulfill(body=frames, content_type="text/html") if is_control else route.abort()

    window.page.route("**/*", answer)
    window.page.goto("/control")
    window.page.evaluate(FILL_FRAMES, PAYLOADS)
    patience = 200
    while len(window.ran) < ENOUGH and patience:
        window.page.wait_for_timeout(100)
        patience -= 1

    assert len(window.ran) >= ENOUGH


def test_no_payload_runs_on_any_page(window, chief, record_property):
    photo = make.photo(credit=PAYLOADS[24], licence=PAYLOADS[0], title=PAYLOADS[1])
    size = -(-len(PAYLOADS) // STORIES)
    stories = [hostile_story(PAYLOADS[start : start + size], photo) for start in range(0, len(PAYLOADS), size)]

    for address in [*pages_of_all(), *(address for story in stories for address in pages_of(story))]:
        window.look_at(address)

    window.look_at(given_back(window, chief, stories[0]))
    window.look_at(given_back(window, chief, stories[0], slug="not/a/slug"))
    window.look_at(f"/desk/articles/article/{stories[1].pk}/change/")
    window.page.click("[name=_save]")
    window.look_at(f"/desk/articles/article/{stories[1].pk}/preview/")

    record_property(f"pages with scripts typed into every field, by {len(PAYLOADS)} payloads", window.pages)
    assert window.told == []


def written_past_us(story, payloads):
    """Hostile HTML and addresses straight in the database, in the working copy and in an old edition."""
    everything = " ".join(payloads)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # No trigger and no foreign key looks.
        for section, payload in zip(story.sections.all(), packed(payloads, 2000), strict=False):
            cursor.execute("UPDATE articles_section SET body = %s WHERE id = %s", [payload, section.pk])
        for edition in story.revisions.all():
            snapshot = json.dumps(spoilt(json.loads(edition.snapshot), everything))
            cursor.execute(
                "UPDATE articles_revision SET snapshot = %s, headline = %s, note = %s WHERE id = %s",
                [snapshot, everything, everything, edition.pk],
            )
        cursor.execute("SET session_replication_role = DEFAULT")


def spoilt(value, payload: str, name: str = ""):
    """A snapshot with the payload wherever a person wrote, and a script for every address."""
    if isinstance(value, dict):
        return {name: spoilt(part, payload, name) for name, part in value.items()}
    if isinstance(value, list):
        return [spoilt(part, payload, name) for part in value]
    if name.endswith("url"):
        return "javascript:alert(1)"
    return payload if name in WRITTEN else value


WRITTEN = (
    *("headline", "lead", "why_it_matters", "kicker", "format_note", "share_text", "name", "text", "reason"),
    *(
        "heading",
        "body",
        "publisher",
        "title",
        "supports",
        "alt",
        "caption",
        "credit",
        "licence",
        "language",
        "file",
    ),
)


def test_what_was_written_past_us_is_cleaned_on_its_way_out(window, record_property):
    sections = [(f"Section {number}", "<p>As it was.</p>") for number in range(SECTIONS)]
    story = make.story(sections=sections, photo=make.photo())
    story.byline.add(make.author(url="https://olena.example/"))
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="For the test.")
    make.edition(story, headline="Italy signs a drone deal")
    written_past_us(story, [re.sub("[\x00\f]", "", payload) for payload in PAYLOADS])
    desk, public = f"/desk/articles/article/{story.pk}/", story.get_absolute_url()

    for road in (
        "",
        "changes/",
        "revisions/1/",
        "revisions/2/",
        "leads/",
        "since/1/",
        "changes/quote/?q=As+it+was.",
    ):
        window.look_at(public + road)
    for road in ("change", "preview", "publish", "history", "history/editions/1", "history/saves/1"):
        window.look_at(f"{desk}{road}/")
    for address in ("/", "/feeds/", story.topic.get_absolute_url(), "/desk/articles/revision/"):
        window.look_at(address)

    record_property("pages made of what was written past us", window.pages)
    assert window.told == []
