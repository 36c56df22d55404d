"""A file of subscribers: looked through, then taken; nobody is mailed, nobody comes back who left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import erasing, importing, leaving
from newsletter.models import Consent, Notice, SubscriberImport, Subscription
from tests import make

from .uploads import IMPORTS, addresses, counts, page_of, problems, taken, tried, upload

pytestmark = pytest.mark.django_db


def test_a_file_is_tried_before_anybody_is_taken(desk, letter):
    known = make.subscription(newsletter=letter).subscriber
    gone = make.subscription(newsletter=letter)
    leaving.leave(gone, method=Consent.Method.FORM)
    erased = make.subscription(make.subscriber("erased@example.org"), newsletter=letter).subscriber
    erasing.erase(erased)
    waiting = make.subscription(newsletter=letter, is_active=False).subscriber
    file = f"""address
anna@example.org
not an address
{known.address.upper()}
{gone.subscriber.address}
Erased@example.org
ANNA@example.org

{waiting.address}
boris@example.org
"""

    source = tried(desk, letter, file)

    assert (source.state, counts(source)) == ("tried", (2, 2, 1, 2, 1))
    said = problems(source)
    assert sorted(said) == [3, 4, 5, 6, 7, 9]
    assert said[3].startswith("Please check the address")
    assert said[4] == importing.KNOWN
    assert {said[5], said[6]} <= {importing.HAS_LEFT, importing.SUPPRESSED}
    assert said[7] == importing.REPEATED
    assert said[9] == importing.ASKED
    assert "anna@example.org" not in addresses()
    page = desk.get(page_of(source)).content.decode()
    assert "Add them" in page
    assert importing.REPEATED in page


def test_who_is_taken_has_the_letter_at_once_with_where_it_was_agreed_to_and_is_not_mailed(desk, letter):
    Notice.objects.all().delete()

    source = taken(desk, letter, "address\nAnna@example.org\n")

    subscription = Subscription.objects.get()
    consent = Consent.objects.get()
    assert source.state == "done"
    assert subscription.is_active
    assert subscription.subscriber.address == "Anna@example.org"
    assert (consent.act, consent.method, consent.by.username) == ("imported", "import", "sofia")
    assert "The fair of 2024." in consent.reason
    assert not Notice.objects.exists()


def test_language_cadence_and_day_of_consent_are_taken_from_their_columns(desk, letter):
    file = "\ufeffName;Address;consented_at;Cadence;language\r\nAnna;anna@example.org;2024-05-01;weekly;uk\r\n"

    taken(desk, letter, file)

    subscription = Subscription.objects.get()
    assert (subscription.cadence, subscription.subscriber.language) == ("weekly", "uk")
    assert "Given on 2024-05-01." in Consent.objects.get().reason


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a@example.org,klingonish-language-tag,,", "not a language tag"),
        ("a@example.org,,hourly,", "does not come that often"),
        ("a@example.org,,,last spring", "must be a day in the past"),
        (f"a@example.org,,,{(timezone.now() + timedelta(days=3)).date()}", "must be a day in the past"),
        ("a@example.org;b@example.org,,,", "Please check the address"),
        ("=cmd@example.org\x0bBcc:,,,", "Please check the address"),
        (",uk,,", "Please check the address"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(desk, letter, line, said):
    source = tried(desk, letter, f"address,language,cadence,consented_at\n{line}\nb@example.org,,,\n")

    assert said in problems(source)[2]
    assert source.added == 1


def test_a_second_file_of_the_same_people_changes_nothing(desk, letter):
    file = "address\n" + "".join(f"p{n}@example.org\n" for n in range(5))
    taken(desk, letter, file)
    before = [*Subscription.objects.values()]

    source = taken(desk, letter, file)

    assert counts(source) == (0, 5, 0, 0, 0)
    assert [*Subscription.objects.values()] == before
    assert Consent.objects.count() == 5


def test_who_leaves_between_trying_and_taking_stays_away(desk, letter):
    source = tried(desk, letter, "address\nanna@example.org\nboris@example.org\n")
    erasing.erase(make.subscriber("anna@example.org"))

    desk.post(page_of(source), {"do": "take"})
    importing.work_on_due()

    source.refresh_from_db()
    assert counts(source) == (1, 0, 0, 1, 0)
    assert addresses() == {"boris@example.org"}


def test_who_has_another_letter_gets_this_one_too(desk, letter):
    person = make.subscription(newsletter=make.newsletter(topic=make.topic())).subscriber

    taken(desk, letter, f"address\n{person.address.upper()}\n")

    assert person.subscriptions.active().count() == 2
    assert len(addresses()) == 1


def test_who_left_everything_they_had_does_not_come_back_by_another_letter(desk, letter):
    other, third = make.newsletter(topic=make.topic()), make.newsletter(topic=make.topic())
    gone, staying = make.subscription(newsletter=other), make.subscription(newsletter=other)
    make.subscription(staying.subscriber, newsletter=third, left_at=timezone.now())
    leaving.leave(gone, method=Consent.Method.FORM)

    source = taken(desk, letter, f"address\n{gone.subscriber.address.upper()}\n{staying.subscriber.address}\n")

    assert counts(source) == (1, 0, 0, 1, 0)
    assert problems(source) == {2: importing.HAS_LEFT_ALL}
    assert not gone.subscriber.subscriptions.active().exists()


def test_a_cadence_given_up_since_the_file_was_tried_is_told_or_replaced(desk, letter):
    source = tried(desk, letter, "address,cadence\nanna@example.org,daily\nboris@example.org,\n")
    letter.cadences = ["weekly"]
    letter.save()

    desk.post(page_of(source), {"do": "take"})
    importing.work_on_due()

    source.refresh_from_db()
    assert counts(source) == (1, 0, 0, 0, 1)
    assert "does not come that often" in problems(source)[2]
    assert Subscription.objects.get().cadence == "weekly"


def test_the_list_counts_nobody_as_added_before_they_are(desk, letter):
    source = tried(desk, letter, "address\nanna@example.org\nboris@example.org\n")
    before = desk.get(IMPORTS).text
    importing.take(source)
    importing.work_on_due()

    assert 'field-were_added">–<' in before and 'field-were_added">2<' in desk.get(IMPORTS).text


@pytest.mark.parametrize("cadence", ["weekly", "each"])
def test_who_says_not_how_often_brings_them_as_the_newsletter_usually_comes(desk, cadence):
    letter = make.newsletter(cadences=[cadence, "daily"])
    page = desk.get(f"{IMPORTS}add/").text
    assert f'<option value="{letter.pk}" selected>' in page
    assert '<option value="" selected>As usual for the newsletter</option>' in page

    answer = upload(desk, letter, "address\nanna@reader.example\n", cadence="")

    assert answer.status_code == 302
    assert SubscriberImport.objects.get().cadence == cadence


def test_the_form_uses_the_words_of_the_other_pages(desk, letter):
    page = desk.get(f"{IMPORTS}add/").text

    assert "How often:" in page and "Where they agreed:" in page and "Cadence" not in page


def test_provenance_is_required(desk, letter):
    answer = upload(desk, letter, "address\nanna@example.org\n", provenance=" ")

    assert answer.status_code == 200
    assert not SubscriberImport.objects.exists()


def test_a_file_is_decided_about_once(desk, letter):
    source = taken(desk, letter, "address\nanna@example.org\n")

    for verb in ("take", "discard"):
        desk.post(page_of(source), {"do": verb})
        source.refresh_from_db()
        assert source.state == "done"
    assert desk.post(page_of(source), {"do": "other"}).status_code == 403


@pytest.mark.parametrize("role", ["reporter", "editor", None])
def test_nobody_else_takes_anybody_in(client_for, desk, letter, role):
    source = tried(desk, letter, "address\nanna@example.org\n")
    other = client_for(make.user(role))

    assert other.get(page_of(source)).status_code == 403
    assert other.post(page_of(source), {"do": "take"}).status_code == 403
    assert upload(other, letter, "address\nanna@example.org\n").status_code == 403
    assert addresses() == set()
