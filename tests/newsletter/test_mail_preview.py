"""Staff look at each kind of mail of a newsletter before a reader gets it."""

import re
from html import unescape

import pytest

from newsletter.models import Notice, OutboxMail
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter():
    return make.newsletter("Get the harbour <update>", cadences=["weekly"], topic=make.topic())


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


def mails_of(letter) -> str:
    return f"/desk/newsletter/newsletter/{letter.pk}/mails/"


@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_each_kind_is_shown_as_html_as_on_a_phone_and_as_text(desk, letter, kind):
    page = desk.get(mails_of(letter), {"kind": kind})
    frame = f"{mails_of(letter)}{kind}/"

    assert page.text.count(f'src="{frame}"') == 2 and "On a phone" in page.text
    html, text = desk.get(frame).text, unescape(re.search("<pre.*?</pre>", page.text, re.DOTALL)[0])
    assert "<html" in html and "http" in text
    if kind != Notice.Kind.LINK:
        assert "Get the harbour &lt;update&gt;" in html and "Get the harbour <update>" in text
    assert not Notice.objects.exists() and not OutboxMail.objects.exists()


@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_the_links_of_a_preview_do_nothing(desk, reader, letter, kind):
    html = desk.get(f"{mails_of(letter)}{kind}/").text
    links = re.findall(r'href="[^"]*?(/newsletters/(?:confirm|preferences|leave)/[^"]*)"', html)

    assert links
    for link in links:
        assert reader.get(link).status_code == reader.post(link).status_code == 404


def test_a_preview_runs_nothing_and_stands_in_no_frame_but_the_desks(desk, letter):
    answer = desk.get(f"{mails_of(letter)}confirm/")

    assert "script-src" not in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"] and answer["X-Frame-Options"] == "SAMEORIGIN"


def test_what_is_no_mail_is_not_found(desk, letter):
    roads = (f"{mails_of(letter)}?kind=spam", f"{mails_of(letter)}spam/", mails_of(letter).replace("1", "9") + "x/")

    assert [desk.get(road).status_code for road in roads] == [404, 404, 404]


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_who_writes_stories_is_shown_no_preview(client_for, letter, role):
    client, roads = client_for(make.user(role)), (mails_of(letter), f"{mails_of(letter)}confirm/")

    assert [client.get(road).status_code for road in roads] == [403, 403]


def test_a_newsletter_leads_to_its_mails(desk, letter):
    assert f'href="{mails_of(letter)}"' in desk.get(f"/desk/newsletter/newsletter/{letter.pk}/change/").text
