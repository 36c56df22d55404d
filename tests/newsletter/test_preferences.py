"""What one gets, and everything one may ask of us: by the link alone, for nobody else."""

import time
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.cache import cache
from django.utils import timezone

from newsletter import erasing, leaving, mail_requests, signing_up, suppressing, tokens
from newsletter.models import Consent, Issue, LastSent, Notice, OutboxMail, Subscriber, Subscription
from newsletter.personal_data import everything_about
from newsletter.tokens import Purpose
from tests import make

from .test_leaving import preferences_of

pytestmark = pytest.mark.django_db

VIRA, YOUR_LINK = "vira@reader.example", "/newsletters/your-link/"


@pytest.fixture(autouse=True)
def nobody_has_sent_anything():
    cache.clear()


@pytest.fixture
def vira():
    return make.subscriber(VIRA)


@pytest.fixture
def letter(vira):
    return make.subscription(vira, newsletter=make.newsletter(cadences=["daily", "weekly"]))


@pytest.fixture
def followed(vira):
    return make.subscription(vira, article=make.published("Italy weighs a drone deal"), cadence="each")


def changed(reader, vira, **sent):
    return reader.post(preferences_of(vira), sent, follow=True)


def test_the_page_shows_what_one_gets_and_is_kept_by_nobody(reader, vira, letter, followed):
    make.newsletter("The week in Europe", topic=make.topic())

    page = reader.get(preferences_of(vira))

    shown = (VIRA, letter.newsletter.title, "Italy weighs a drone deal", "The week in Europe", "my-data/", "erase/")
    assert all(words in page.text for words in shown)
    assert page["Cache-Control"] == "no-store" and page["X-Robots-Tag"] == "noindex"
    assert page["Referrer-Policy"] == "strict-origin" and not page.cookies


def test_a_draft_headline_is_not_told_to_followers(reader, vira, followed):
    followed.article.headline = "The quokka headline"
    followed.article.save()

    assert "quokka" not in reader.get(preferences_of(vira)).text
    assert "quokka" not in str(everything_about(vira))


def test_how_often_is_chosen_from_what_is_offered(reader, vira, letter, followed):
    page = changed(reader, vira, do="cadence", subscription=letter.pk, cadence="weekly")
    assert "Saved." in page.text
    changed(reader, vira, do="cadence", subscription=letter.pk, cadence="each")

    assert [s.cadence for s in Subscription.objects.order_by("pk")] == ["weekly", "each"]


def test_nobody_changes_what_is_somebody_elses(reader, vira, letter):
    other = make.subscription(newsletter=letter.newsletter)

    for key in (other.pk, "9" * 5_000, "", "٣"):
        for do in ("cadence", "leave"):
            assert "Nothing was changed" in changed(reader, vira, do=do, subscription=key, cadence="weekly").text

    other.refresh_from_db()
    assert other.is_active and other.cadence == "daily"


def test_what_ended_in_another_window_stays_so(reader, vira, letter, followed):
    changed(reader, vira, do="leave", subscription=letter.pk)

    page = changed(reader, vira, do="cadence", subscription=letter.pk, cadence="weekly")

    assert "Nothing was changed" in page.text
    letter.refresh_from_db(), followed.refresh_from_db()
    assert letter.cadence == "daily" and not letter.is_active
    assert followed.is_active


def test_a_pause_has_an_end_and_can_be_ended(reader, vira, letter):
    changed(reader, vira, do="pause", weeks=2)
    vira.refresh_from_db()
    assert timedelta(days=13) < vira.paused_until - timezone.now() < timedelta(days=15)

    day = timezone.localdate() + timedelta(days=5)
    assert "Everything is paused" in changed(reader, vira, do="pause", until=day.isoformat()).text
    vira.refresh_from_db()
    assert timezone.localtime(vira.paused_until).date() == day

    changed(reader, vira, do="resume")
    vira.refresh_from_db()
    assert vira.paused_until is None


def test_what_one_chooses_stands_in_the_history(client_for, reader, vira, letter, followed, monkeypatch):
    monkeypatch.setattr("newsletter.emails.LANGUAGES", ["en", "uk"])
    day = timezone.localdate() + timedelta(days=5)
    for _ in range(2):  # What changes nothing is on record once.
        changed(reader, vira, do="cadence", subscription=letter.pk, cadence="weekly")
        changed(reader, vira, do="cadence", subscription=followed.pk, cadence="daily")
        changed(reader, vira, do="pause", until=day.isoformat())
    changed(reader, vira, do="resume")
    changed(reader, vira, do="resume")
    changed(reader, vira, do="language", language="uk")

    acts = [(consent.act, str(consent.newsletter or consent.article or "")) for consent in Consent.objects.all()]
    letter_, story = letter.newsletter.title, "Italy weighs a drone deal"
    chosen = [("language", ""), ("resumed", ""), ("paused", ""), ("cadence", story), ("cadence", letter_)]
    assert acts == chosen
    desk = client_for(make.user("letters staff")).get(f"/desk/newsletter/subscriber/{vira.pk}/change/").text
    for said in ("Chose how often", "Weekly", "Paused", f"until {day.day} {day:%B %Y}", "Resumed", "Ukrainian"):
        assert said in desk
    everything = everything_about(vira)["consents"]
    assert (everything[0]["to"], everything[0]["reason"]) == ("Everything you get", "Ukrainian")


@pytest.mark.parametrize("until", ["2020-01-01", "9999-12-31", "tomorrow", "\x00"])
def test_a_pause_that_cannot_be_is_given_back_as_typed(reader, vira, letter, until):
    page = changed(reader, vira, do="pause", until=until)

    assert "Not paused yet." in page.text and f'value="{until}"' in page.text
    vira.refresh_from_db()
    assert vira.paused_until is None


def test_the_language_is_one_we_have(reader, vira, letter, monkeypatch):
    monkeypatch.setattr("newsletter.emails.LANGUAGES", ["en", "uk"])
    changed(reader, vira, do="language", language="uk")
    changed(reader, vira, do="language", language="tlh")

    vira.refresh_from_db()
    assert vira.language == "uk"
    assert 'value="uk" selected' in reader.get(preferences_of(vira)).text


def test_a_form_from_another_site_changes_nothing(reader, vira, letter):
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        for road in (preferences_of(vira), f"{preferences_of(vira)}erase/"):
            answer = reader.post(road, {"do": "leave", "subscription": letter.pk}, headers=headers)
            assert answer.status_code == 403 and answer["Cache-Control"] == "no-store"

    letter.refresh_from_db()
    assert letter.is_active


def test_the_link_works_for_thirty_days(reader, vira, letter, monkeypatch):
    road, now = preferences_of(vira), timezone.now().timestamp()

    for days, status in ((29, 200), (31, 404)):
        monkeypatch.setattr("django.core.signing.time.time", lambda days=days: now + days * 24 * 3600)
        assert reader.get(road).status_code == status


def test_all_that_is_kept_of_one_can_be_downloaded(reader, letter):
    how = {"newsletter": letter.newsletter, "language": "en", "page": "/ukraine/"}
    signing_up.ask("olena@reader.example", **how)
    olena = Subscriber.objects.at("olena@reader.example").get()
    signing_up.confirm(olena.subscriptions.get(), page="/newsletters/confirm/")
    OutboxMail.objects.create(to="Olena@reader.example", subject="Welcome", raw=b"")

    answer = reader.get(f"{preferences_of(olena)}my-data/")

    data = answer.json()
    assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    assert data["subscriber"]["address"] == "olena@reader.example"
    assert data["subscriptions"][0]["to"] == letter.newsletter.title
    assert [consent["act"] for consent in data["consents"]] == ["confirmed", "asked"]
    assert {consent["wording_text"] for consent in data["consents"]} == {"We write to you."}
    assert data["notices"] and data["outboxmails"][0]["subject"] == "Welcome"
    assert VIRA not in answer.text


@pytest.mark.parametrize("page", ["", "my-data/", "erase/"])
def test_without_proof_of_the_address_nothing_is_told_or_erased(reader, vira, letter, page):
    """Each sign of the link altered, each end of it cut off, too old, or for something else."""
    good = tokens.token(Purpose.PREFERENCES, vira.digest)
    Subscriber.objects.update(created_at=timezone.now() - timedelta(days=60))
    with patch("django.core.signing.time.time", return_value=time.time() - 31 * 24 * 3600):
        bad = [tokens.token(Purpose.PREFERENCES, vira.digest)]
    bad += [tokens.token(Purpose.LEAVE, vira.digest), tokens.token(Purpose.CONFIRM, vira.digest), "sample", VIRA]
    bad += [tokens.token(Purpose.PREFERENCES, "0" * 64), f"{vira.pk}", good[1:], f"{good}x"]
    bad += [good[:n] + ("A" if good[n] != "A" else "B") + good[n + 1 :] for n in range(len(good))]

    for token in bad:
        road = f"/newsletters/preferences/{token}/{page}"
        answers = [reader.get(road), reader.post(road, {"do": "leave-everything"})]
        assert min(answer.status_code for answer in answers) >= 400, token
        assert not any(VIRA in answer.text for answer in answers)
    assert Subscriber.objects.get() == vira and Subscription.objects.active().get() == letter


def test_the_download_tells_what_was_mailed_and_which_edition_of_a_story_was_the_last(reader, vira, letter):
    story = make.published("Italy weighs a deal")
    issue = Issue.objects.create(newsletter=letter.newsletter, subject="This week")
    issue.deliveries.create(subscriber=vira, subscription=letter, state="sent", sent_at=timezone.now())
    LastSent.objects.create(subscriber=vira, article=story, number=1)
    story.headline = "A draft"
    story.save()

    data = reader.get(f"{preferences_of(vira)}my-data/").json()

    [mailed] = data["deliveries"]
    assert (mailed["to"], mailed["subject"], mailed["state"]) == (letter.newsletter.title, "This week", "sent")
    [last] = data["lastsents"]
    assert last == {"to": "Italy weighs a deal", "address": story.get_absolute_url(), "edition": 1}


def test_the_download_has_every_table_that_reaches_a_person(vira):
    reaching = {Subscriber}
    while True:
        more = {
            model
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if field.related_model in reaching
        } - reaching
        if not more:
            break
        reaching |= more
    by_address = {"requests", "suppression"}

    names = {model._meta.model_name + "s" * (model is not Subscriber) for model in reaching}
    names = {name.replace("deliverys", "deliveries") for name in names}
    assert set(everything_about(vira)) - by_address == names


def test_erasing_is_asked_twice_and_leaves_a_hash_alone(reader, vira, letter, followed):
    leaving.leave(letter, method=Consent.Method.LINK, reason="Too long.")
    OutboxMail.objects.create(to=VIRA.upper(), subject="You left", raw=b"")
    road = f"{preferences_of(vira)}erase/"
    assert "Erase everything" in reader.get(road).text and Subscriber.objects.exists()

    answer = reader.post(road)

    assert "Everything is erased" in answer.text
    for model in (Subscriber, Subscription, Consent, Notice, OutboxMail):
        assert not model.objects.exists(), model
    assert suppressing.reason_of(VIRA) == "erased"
    assert reader.get(road).status_code == reader.post(road).status_code == 404


def test_erasing_lets_no_other_consent_go(vira, letter):
    other = make.subscription(newsletter=letter.newsletter)
    for subscription in (letter, other):
        leaving.leave(subscription, method=Consent.Method.LINK)

    erasing.erase(vira)

    assert Consent.objects.get().subscriber == other.subscriber
    with pytest.raises(Exception, match="never changed"):
        Consent.objects.all().delete()


@pytest.mark.parametrize("address", [VIRA, "VIRA@Reader.Example", "nobody@reader.example"])
def test_asking_for_the_link_tells_nobody_who_is_known(reader, letter, address):
    answer = reader.post(YOUR_LINK, {"address": address})

    assert answer.status_code == 302 and answer["Location"] == f"{YOUR_LINK}sent/"
    assert "on its way" in reader.get(answer["Location"]).text
    mail_requests.work_on_due()
    assert [notice.kind for notice in Notice.objects.all()] == ["link"] * (not address.startswith("nobody"))


def test_the_link_is_not_asked_for_too_often_by_one_network(reader, letter, settings):
    settings.SIGN_UPS_PER_HOUR = 1
    reader.post(YOUR_LINK, {"address": VIRA})

    answer = reader.post(YOUR_LINK, {"address": VIRA})

    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0 and VIRA in answer.text
    mail_requests.work_on_due()
    assert Notice.objects.count() == 1


def test_what_is_no_address_is_given_back(reader):
    answer = reader.post(YOUR_LINK, {"address": "vira@"})

    assert "Not sent yet." in answer.text and 'value="vira@"' in answer.text
