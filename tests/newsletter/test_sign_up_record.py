"""What is on record of a sign-up, and what is not."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from newsletter.models import (
    Consent,
    Subscriber,
    Subscription,
    Wording,
)
from tests import make
from tests.articles.forms import Form

from .sign_up_form import FOLLOW, ROAD, VIRA, mails, ripe, send, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


def test_who_asks_agrees_to_the_words_that_stood_there(reader, letter, settings):
    box = Form(reader, "/newsletters/")
    Wording.objects.create(newsletter=letter, version=2, text="We write more often.")

    box.send(address=VIRA, token=ripe(), page="/ukraine/drone-deal/")

    consent = Consent.objects.get()
    assert (consent.act, consent.method, consent.wording.version) == ("asked", "form", 1)
    assert (consent.newsletter, consent.page, consent.network) == (letter, "/ukraine/drone-deal/", "")
    assert timezone.now() - consent.at < timedelta(minutes=1)


@pytest.mark.parametrize("wording", ["", "0", "3", "-1", "abc", "9" * 30, "１"])
def test_a_version_that_is_none_is_the_newest(reader, letter, wording):
    Wording.objects.create(newsletter=letter, version=2, text="We write more often.")

    send(reader, wording=wording)

    assert Consent.objects.get().wording.version == 2


@pytest.mark.parametrize(
    "page", ["", "https://evil.example/", "//evil.example/", "/a\x00b/", "/" + "a" * 400, "/?q=a"]
)
def test_a_page_that_is_none_is_that_of_the_form(reader, letter, page):
    send(reader, page=page)

    assert Consent.objects.get().page == ROAD


@pytest.mark.parametrize(
    ("client_is_at", "kept"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("unix:", "")],
)
def test_half_of_the_network_is_kept_where_it_is_wanted(reader, letter, settings, client_is_at, kept):
    settings.CONSENT_KEEPS_NETWORK = True

    reader.post(ROAD, {"address": VIRA, "token": ripe()}, REMOTE_ADDR=client_is_at)

    assert Consent.objects.get().network == kept


def test_following_a_story_has_words_of_its_own(reader, story):
    send(reader, FOLLOW)

    consent = Consent.objects.get()
    assert (consent.article, consent.newsletter, consent.wording.newsletter) == (story, None, None)
    assert consent.wording.text in words_of(reader.get(FOLLOW).text)


def test_a_consent_cannot_be_changed(reader, letter):
    send(reader)

    with pytest.raises(Exception, match="never changed"), transaction.atomic():
        Consent.objects.update(page="/elsewhere/")


def test_neither_address_nor_token_is_in_a_log(reader, letter, caplog):
    caplog.set_level("DEBUG")
    token = ripe()

    send(reader, token=token)
    send(reader, token=token)

    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert VIRA not in said and token not in said


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_one_reader_with_one_mail():
    letter = make.newsletter(slug="ukraine")
    codes, forms = [], [{"address": address, "token": ripe()} for address in (VIRA, "Vira@reader.example") * 4]

    def ask(form):
        try:
            codes.append(Client(raise_request_exception=False).post(ROAD, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[form]) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [303] * 8
    assert Subscriber.objects.count() == 1
    assert Subscription.objects.get().newsletter == letter
    assert len(mails("reader.example")) == 1


def test_the_database_knows_an_address_once():
    make.subscriber(VIRA)

    with pytest.raises(IntegrityError), transaction.atomic():
        make.subscriber(VIRA.upper())
