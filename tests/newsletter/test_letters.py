"""How letters read: each kind through the outbox, by the words that its readers must find in it."""

import copy
import email
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from articles import publishing, withholding, working_copy
from articles.kinds import Kind
from articles.models import KeyPoint
from newsletter import correcting, digest, sending, writing
from newsletter.models import Cadence, Issue, OutboxMail
from tests import make

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=3)
CLOCK = r"\d+ \w+ \d{4}, \d\d:\d\d UTC"


@pytest.fixture(autouse=True)
def elsewhere(settings):
    settings.SITE_URL = "https://news.example"


@pytest.fixture
def reader(letter):
    return make.subscription(newsletter=letter, cadence=Cadence.EACH).subscriber


@pytest.fixture
def story(reader, topic):
    """Mailed to the reader as its first edition."""
    article = make.published(
        "Italy weighs a deal",
        topic=topic,
        slug="drone-deal",
        lead="Five delegations came to Rome.",
        key_points=["Italy is interested.", "Norway signed on April 13."],
        why_it_matters="It would be the first such deal.",
    )
    send_all()
    return article


def send_all():
    """What a worker does that comes along later than any time to think again."""
    digest.compose_due(timezone.now() + LATER)
    for issue in Issue.objects.sending():
        sending.send(issue, float("inf"))
        sending.finish(issue)


def newest_mail():
    raw = OutboxMail.objects.order_by("-pk").values_list("raw", flat=True)[0]
    return email.message_from_bytes(bytes(raw), policy=email.policy.default)


def words(mail, form="plain") -> str:
    """Of the HTML what is shown, with one space wherever it has any."""
    content = re.sub(r"</?(a|b|bdi|span|strong|time)\b[^>]*>", "", mail.get_body((form,)).get_content())
    return " ".join(re.sub("<style.*?</style>|<!--.*?-->|<[^>]+>", " ", content, flags=re.DOTALL).split())


def links(mail) -> list[str]:
    return re.findall('href="([^"]+)"', mail.get_body(("html",)).get_content())


def confirm_the_first_point(story):
    KeyPoint.objects.filter(article=story, position=1).update(verification="confirmed")


def correct(story, *, base: int, first_wrong: int = 1, **box):
    desk = working_copy.Desk.objects.get(article=story)
    by = make.editor()
    with working_copy.saving(story, by=by, version=desk.version):
        KeyPoint.objects.filter(article=story, position=2).update(text="Norway signed on April 14.")
    said = {"note": "Norway signed a day later.", "reason": "As a test needs it."}
    wrong = publishing.Box("Norway signed on April 13.", "Norway signed on April 14.", first_wrong, base)
    return publishing.publish(story, kind=Kind.CORRECTION, by=by, base=base, box=wrong, **said)


def issue_of(letter, *stories, **fields):
    issue = Issue.objects.create(newsletter=letter, **fields)
    for position, article in enumerate(stories, start=1):
        issue.stories.create(article=article, position=position)
    digest.start(issue, timezone.now() + LATER)
    send_all()
    return issue


@pytest.mark.parametrize("form", ["plain", "html"])
def test_who_had_nothing_of_a_story_is_told_the_whole_top_of_it(story, form):
    mail = newest_mail()
    told = words(mail, form)

    assert mail["Subject"] == "Italy weighs a deal"
    assert "What is new on Ukraine" in told
    assert "Five delegations came to Rome." in told
    assert re.search(f"(?i)at a glance.*Italy is interested. Reported, as of {CLOCK}", told)
    assert re.search("(?i)why it matters It would be the first such deal.", told)
    assert "You get this because you signed up for “Get the next Ukraine update”." in told
    assert "since we last wrote" not in told.lower()


@pytest.mark.parametrize("form", ["plain", "html"])
def test_who_had_an_edition_is_told_what_changed_since_that(story, form):
    make.edition(
        story,
        lead="Six delegations came to Rome.",
        note="Norway joined the talks.",
        change=lambda: confirm_the_first_point(story),
    )
    send_all()

    told = words(newest_mail(), form)

    assert re.search(f"(?i)since we last wrote What changed since edition 1, {CLOCK}", told)
    assert re.search(f"{CLOCK} New development: Norway joined the talks.", told)
    assert "Key point: confirmed, was reported Italy is interested." in told
    assert "It would be the first such deal." not in told


@pytest.mark.parametrize("form", ["plain", "html"])
def test_a_key_point_that_was_withdrawn_since_is_struck_and_says_why(story, form):
    withdrawn = {"verification": "withdrawn", "reason": "Rome denies it."}
    point = KeyPoint.objects.filter(article=story, position=1)
    make.edition(story, lead="Six came.", note="Rome spoke.", change=lambda: point.update(**withdrawn))
    send_all()

    mail = newest_mail()

    told = words(mail, form)
    assert "Key point: withdrawn, was reported Italy is interested. Rome denies it." in told
    html = mail.get_body(("html",)).get_content()
    assert len(re.findall("<del[^>]*>Italy is interested.</del>", html)) == 1


def test_its_links_lead_to_what_changed_and_to_the_story(story):
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    send_all()

    mail = newest_mail()

    for address in ("https://news.example/ukraine/drone-deal/since/1/", "https://news.example/ukraine/drone-deal/"):
        assert address in links(mail)
        assert address in mail.get_body(("plain",)).get_content().splitlines()


def test_words_that_came_and_went_are_marked_by_more_than_colour(story):
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    send_all()

    html = newest_mail().get_body(("html",)).get_content()

    [removed], [added] = re.findall("<del([^>]*)>Five</del>", html), re.findall("<ins([^>]*)>Six</ins>", html)
    assert "text-decoration: line-through" in removed
    assert "text-decoration: underline" in added
    assert "Underlined words were added, struck words were removed." in words(newest_mail(), "html")


def test_a_text_of_which_little_stayed_is_told_new_and_old_apart(story):
    make.edition(story, headline="Rome and Kyiv sign", lead="A deal is signed.", note="They signed.")
    send_all()

    mail = newest_mail()

    told = words(mail, "html")
    assert "Headline reworded Before: Italy weighs a deal Lead reworded A deal is signed. Before: Five" in told
    assert "Underlined words" not in told
    assert re.search("<del[^>]*>Five delegations came to Rome.</del>", mail.get_body(("html",)).get_content())


def test_lists_and_tables_of_staff_are_lists_and_tables_in_plain_text_too(reader, letter):
    cells = "<table><tbody><tr><th>Quay</th><td>118</td></tr><tr><th>Mole</th><td>86</td></tr></tbody></table>"
    intro = f"<ul><li>One</li><li>Two</li></ul>{cells}<ol><li>First</li><li>Second</li></ol>"
    issue_of(letter, subject="This week", intro=intro)

    text = newest_mail().get_body(("plain",)).get_content().replace("\r\n", "\n")

    assert "- One\n- Two\n\nQuay | 118\nMole | 86\n\n1. First\n2. Second\n" in text


@pytest.mark.parametrize("form", ["plain", "html"])
def test_what_readers_were_sent_and_was_wrong_comes_first(story, topic, form):
    make.published("A bridge opens", topic=topic)
    correct(story, base=1)
    send_all()

    mail = newest_mail()
    told = words(mail, form)

    assert mail["Subject"] == "Correction: Italy weighs a deal, and 1 more story"
    assert re.search(f"(?i)correction Edition 1 of {CLOCK}, which we mailed you, had this wrong.", told)
    assert re.search("What was wrong:? Norway signed on April 13. What is right:? Norway signed on April 14.", told)
    assert told.index("What was wrong") < told.index("A bridge opens")
    assert "Norway signed a day later." not in told
    assert "since we last wrote" not in told.lower()


def test_a_long_headline_is_cut_before_the_number_of_the_other_stories(story, topic):
    make.published("A bridge opens", topic=topic)
    make.edition(story, headline="Italy weighs " + "and weighs " * 20, kind=Kind.TIGHTENED)
    correct(story, base=2)
    send_all()

    subject = newest_mail()["Subject"].strip()

    assert re.fullmatch("Correction: Italy weighs and weighs .*…, and 1 more story", subject)
    assert len(subject) <= 150


@pytest.mark.parametrize("form", ["plain", "html"])
def test_what_was_corrected_is_not_called_one_more_change(story, form):
    correct(story, base=1)
    send_all()

    told = words(newest_mail(), form)

    assert "What is right" in told and "more change" not in told
    assert "Every change since edition 1, word by word" in told


def test_what_was_wrong_only_in_an_edition_they_were_not_sent_is_no_correction_of_theirs(story):
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    correct(story, base=2, first_wrong=2)
    send_all()

    mail = newest_mail()

    assert mail["Subject"] == "Italy weighs a deal"
    assert "had this wrong" not in words(mail)
    assert "Correction: Norway signed a day later." in words(mail)


@pytest.mark.parametrize("form", ["plain", "html"])
def test_a_correction_that_is_mailed_by_itself_says_why_it_comes(story, form):
    edition = correct(story, base=1)
    correcting.start(correcting.tell(edition.correction, by=make.user("chief")))
    send_all()

    mail = newest_mail()
    told = words(mail, form)

    assert mail["Subject"] == "Correction: Italy weighs a deal"
    assert "A correction to what we mailed you" in told
    assert re.search("What was wrong:? Norway signed on April 13.", told)
    assert "You get this because we mailed you what was wrong." in told


@pytest.mark.parametrize("form", ["plain", "html"])
def test_of_a_withdrawn_story_nothing_is_repeated(story, form):
    publishing.withdraw(story, by=make.editor(), base=1, note="Our source was forged.")
    send_all()

    mail = newest_mail()
    told = words(mail, form)

    assert mail["Subject"] == "Withdrawn: a story on Ukraine"
    assert "We withdrew this story. Our source was forged." in told
    assert re.search(f"We mailed you edition 1 of it, which came out on {CLOCK}.", told)
    assert not re.search("Italy|delegations|drone-deal", mail.as_string())


@pytest.mark.parametrize("form", ["plain", "html"])
def test_what_staff_wrote_comes_before_the_stories_they_picked(story, topic, letter, form):
    new = make.published("A bridge opens", topic=topic, lead="It opened at nine.")
    intro = "<p>Dear readers, this is <strong>the week</strong>.</p>"
    issue = issue_of(letter, story, new, subject="The week", preheader="Three things.", intro=intro)

    mail = newest_mail()
    told = words(mail, form)

    assert mail["Subject"] == "The week"
    assert "Dear readers, this is the week." in told
    assert told.index("Dear readers") < told.index("Italy weighs a deal") < told.index("A bridge opens")
    assert re.search(f"Nothing new since we last wrote. You have the story as it stands: edition 1, {CLOCK}.", told)
    assert "Five delegations" not in told
    assert "It opened at nine." in told
    assert f"https://news.example/newsletters/ukraine/issues/{issue.pk}/" in links(mail)
    assert ("Three things." in told) == (form == "html")


@pytest.mark.parametrize("form", ["plain", "html"])
def test_what_staff_wrote_without_a_subject_stands_under_the_subject_of_its_mail(story, topic, letter, form):
    new = make.published("A bridge opens", topic=topic)
    issue_of(letter, new, story, intro="<p>Dear readers.</p>")

    mail = newest_mail()
    told = words(mail, form)

    assert mail["Subject"] == "A bridge opens, and 1 more story"
    assert told.index("A bridge opens, and 1 more story") < told.index("Dear readers.")
    assert "What is new" not in told


def test_one_who_follows_a_story_is_told_how_to_stop(story):
    make.subscription(article=story, cadence=Cadence.EACH, confirmed_at=timezone.now())
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    send_all()

    told = words(newest_mail())

    assert "You get this because you follow this story." in told
    assert "Stop following every story: https://news.example/newsletters/leave/" in told


def test_a_story_that_runs_from_right_to_left_says_so(reader, topic):
    make.published("מרגיעים את המצב", topic=topic, language="he", lead="הרוח נחלשת.")
    send_all()

    html = newest_mail().get_body(("html",)).get_content()

    for tag in ("<h2", '<p class="lead"'):
        assert re.search(f'{tag}[^>]* dir="rtl"', html)
        assert re.search(f'{tag}[^>]* lang="he"', html)


def test_plain_text_fits_into_72_columns(story):
    long = "Norway joined the talks, which go on until Friday in the palace by the river, a spokesman said. "
    make.edition(story, headline="Italy weighs a deal with Norway", lead=long * 2, note=long * 2)
    send_all()

    lines = newest_mail().get_body(("plain",)).get_content().splitlines()

    assert [line for line in lines if len(line) > 72 and "https://" not in line] == []


def test_a_letter_is_the_same_with_what_it_includes_pasted_in(story, topic, letter, settings):
    new = make.published("A bridge opens", topic=topic)
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    correct(story, base=2)
    issue = issue_of(letter, story, new, subject="The week", intro="<p>Hello.</p>")
    body = issue.letters.get()
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)  # Without what other tests called the site.
    as_it_is = writing.write(body)

    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["OPTIONS"]["auto_reload"] = False

    assert writing.write(body) == as_it_is


def test_headings_are_in_order_and_every_letter_has_one(story, letter):
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    correct(story, base=2)
    issue_of(letter, story, subject="The week", intro="<p>Hello.</p>")

    for raw in OutboxMail.objects.values_list("raw", flat=True):
        mail = email.message_from_bytes(bytes(raw), policy=email.policy.default)
        levels = [int(n) for n in re.findall("<h([1-6])", mail.get_body(("html",)).get_content())]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_who_had_an_edition_that_is_withheld_by_now_is_told_the_whole_top(story):
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")
    withholding.withhold(story, numbers=[1], category="law", by=make.user("chief"))
    send_all()

    told = words(newest_mail())

    assert "Six delegations came to Rome." in told
    assert "SINCE WE LAST WROTE" not in told
    assert "Five delegations" not in told
