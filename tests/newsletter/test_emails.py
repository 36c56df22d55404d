"""What the mails about one's own subscription say, as programs and people read them."""

import re
from datetime import date
from email import message_from_bytes, policy

import pytest
from django.template import engines

from articles import working_copy
from newsletter import emails
from newsletter.models import Consent, Notice, Subscriber, Subscription
from newsletter.tokens import BadToken, Purpose, subject_of
from tests import make

pytestmark = pytest.mark.django_db

KINDS = list(Notice.Kind)
OF_A_LIST = ["known", "welcome"]


@pytest.fixture(autouse=True)
def elsewhere(settings, monkeypatch):
    settings.SITE_URL = "https://news.example"
    settings.DEFAULT_FROM_EMAIL = "newsroom@news.example"
    env = engines["jinja2"].env
    monkeypatch.setitem(env.globals, "site_url", settings.SITE_URL)
    monkeypatch.setitem(env.globals, "postal_address", "1 Street, Town")


@pytest.fixture
def letter():
    return make.newsletter(slug="ukraine", promise="What moved.\nNo opinion.")


def notice_of(kind, about=None, **fields) -> Notice:
    subscriber = make.subscriber("vira@reader.example", **fields)
    subscription = make.subscription(subscriber, is_active=kind != "confirm", **about) if about else None
    return Notice.objects.create(subscriber=subscriber, subscription=subscription, kind=kind)


def raw(mail):
    """As a mail program reads it."""
    return message_from_bytes(mail.message().as_bytes(), policy=policy.default)


def mail_of(kind, letter):
    return raw(emails.message(notice_of(kind, None if kind == "link" else {"newsletter": letter})))


def text(mail, kind="plain") -> str:
    return mail.get_body([kind]).get_content()


def links(mail) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', text(mail, "html"))) | set(re.findall(r"https?://\S+", text(mail)))


# Headers.


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_says_what_it_is(letter, kind):
    mail = mail_of(kind, letter)

    assert mail["To"] == "vira@reader.example"
    assert mail["From"] == "The Newsroom <newsroom@news.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == (None if kind == "link" else "<ukraine.letters.news.example>")
    assert mail["Date"].datetime.date() >= date(2026, 1, 1)
    assert re.fullmatch(r"<[0-9a-f]{32}@news.example>", mail["Message-ID"])
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert len(text(mail, "html").encode()) < 90_000
    assert len({name.lower() for name in mail}) == len(mail.items())


@pytest.mark.parametrize("kind", KINDS)
def test_who_gets_a_letter_leaves_it_by_one_click_in_the_mail_program(letter, kind):
    mail = mail_of(kind, letter)

    if kind not in OF_A_LIST:
        assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is None
        return
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<https://news\.example/newsletters/leave/([^/>]+)/>", mail["List-Unsubscribe"].strip())
    assert subject_of(Purpose.LEAVE, address[1]) == Subscription.objects.get().name_in_links


def test_a_mail_keeps_its_id_however_often_it_is_made(letter):
    notice = notice_of("welcome", {"newsletter": letter})
    other = Notice.objects.create(subscriber=notice.subscriber, kind="link")

    ids = [raw(emails.message(made))["Message-ID"] for made in (notice, notice, other)]

    assert ids[0] == ids[1] != ids[2]


def test_a_letter_may_have_a_sender_of_its_own(letter):
    letter.sender_name, letter.sender_address = "Олена, “Ukraine”", "ukraine@news.example"
    letter.save()

    mail = mail_of("welcome", letter)

    [sender] = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Олена, “Ukraine”", "ukraine@news.example")
    assert mail["Message-ID"].endswith("@news.example>")


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: all@evil.example", "\nBcc: all@evil.example", "\x00", "\u2028Bcc: x", "\x0b"]
)
def test_no_title_or_sender_adds_a_header(letter, evil):
    notice = notice_of("welcome", {"newsletter": letter})
    letter.title = letter.sender_name = f"Ukraine{evil}"
    notice.subscription.newsletter = letter

    mail = raw(emails.message(notice))

    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Welcome: Ukraine")
    assert mail["To"] == "vira@reader.example"


@pytest.mark.parametrize(
    "evil", ["ukraine@news.example\r\nBcc: all@evil.example", "a@b.example, all@evil.example", "news@localhost"]
)
def test_an_address_of_a_sender_that_is_none_burns_no_mail(letter, evil):
    notice = notice_of("welcome", {"newsletter": letter})
    letter.sender_address = evil
    notice.subscription.newsletter = letter

    mail = raw(emails.message(notice))

    assert mail["Bcc"] is None
    assert mail["From"].addresses[0].addr_spec == "newsroom@news.example"


def test_the_longest_promise_makes_no_mail_that_is_cut_off(letter):
    letter.title, letter.promise = "Ж" * 80, "<&\"'Ж" * 1_000
    letter.save()

    assert len(mail_of("confirm", letter).as_bytes()) < 90_000


# Words.


def test_who_is_asked_learns_what_for_and_what_happens_if_not(letter):
    mail = mail_of("confirm", letter)

    for kind in ("plain", "html"):
        words = " ".join(text(mail, kind).split())
        assert "Get the next Ukraine update" in words and "What moved." in words and "No opinion." in words
        assert "works for 7 days" in words
        assert "If it was not you, ignore this mail: nothing will be sent, and we will forget the address." in words
    assert mail["Subject"] == "Please confirm: Get the next Ukraine update"


@pytest.mark.parametrize("kind", KINDS)
def test_plain_text_reads_well(letter, kind):
    words = text(mail_of(kind, letter))

    assert "<" not in words and "&" not in words and "{" not in words
    assert "\n\n\n" not in words and words.strip() == words.rstrip("\n")
    assert max(len(line) for line in words.splitlines() if "://" not in line) <= 76
    assert not any(line.startswith("    ") and "://" in line for line in words.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_lines_wrap_and_links_stand_on_lines_of_their_own(letter, kind):
    letter.title, letter.promise = "All that moved " * 5, "What moved, and no opinion of ours. " * 8
    letter.save()

    lines = text(mail_of(kind, letter)).splitlines()

    assert [line for line in lines if len(line) > 72 and not line.startswith("https://")] == []
    assert [line for line in lines if "https://" in line and not re.fullmatch(r"https://\S+", line)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_says_at_its_foot_who_we_are_and_where(letter, kind):
    mail = mail_of(kind, letter)
    for kind in ("plain", "html"):
        foot = " ".join(re.sub("<[^>]*>", " ", text(mail, kind)).split())[-100:]
        assert "The Newsroom" in foot and "https://news.example" in foot and foot.endswith("1 Street, Town")


@pytest.mark.parametrize("kind", KINDS)
def test_html_brings_its_style_along_and_loads_nothing(letter, kind):
    html = text(mail_of(kind, letter), "html")

    assert "prefers-color-scheme: dark" in html
    assert re.search(r'<h1 style="[^"]*font-size', html)
    assert not re.search(r"<(img|link|script|iframe|form)\b|url\(|@import|src=", html)
    assert 'lang="en"' in html


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "link"])
def test_of_a_story_only_what_readers_have_is_told(kind):
    story = make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal")
    with working_copy.saving(story, by=make.editor(), version=story.desk.version):
        story.headline = "Not out yet"
        story.save()

    mail = raw(emails.message(notice_of(kind, {"article": story})))

    assert "Italy weighs a deal" in mail["Subject"]
    assert "Italy weighs a deal" in text(mail) and "Italy weighs a deal" in text(mail, "html")
    assert "Not out yet" not in mail.as_string()
    assert mail["List-Id"] == "<drone-deal.stories.news.example>"


def test_what_a_title_holds_is_text(letter):
    letter.title = letter.promise = "<b>Fish & chips</b>"
    letter.save()

    mail = mail_of("confirm", letter)

    assert "&lt;b&gt;Fish &amp; chips&lt;/b&gt;" in text(mail, "html")
    assert "<b>Fish & chips</b>" in text(mail)


@pytest.mark.parametrize("language", ["uk", "en-US", "EN", "xx-../../..", ""])
def test_who_reads_a_language_we_do_not_write_gets_english(letter, language):
    notice = notice_of("confirm", {"newsletter": letter}, language=language)

    assert raw(emails.message(notice))["Subject"].startswith("Please confirm")


# Links.


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_that_follows_every_link_five_times_changes_nothing(reader, letter, kind):
    mail = mail_of(kind, letter)
    before = everything()

    for address in sorted(links(mail)) * 5:
        for look in (reader.get, reader.head, reader.options):
            answer = look(address.removeprefix("https://news.example"))
            assert answer.status_code in (200, 405), address

    assert everything() == before


def everything() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Subscriber, Subscription, Consent, Notice)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_links_of_a_sample_belong_to_nobody(reader, letter, kind):
    mail = raw(emails.sample(kind, "en-gb", letter))

    assert mail["To"] is None
    found = [address for address in links(mail) if re.search("/(confirm|leave|preferences)/", address)]
    assert found
    for address in found:
        answer = reader.get(address.removeprefix("https://news.example"))
        assert answer.status_code == 404
        assert "A link to try out" in answer.text
        with pytest.raises(BadToken):
            subject_of(Purpose.LEAVE, address.rstrip("/").rpartition("/")[2])
