"""A form is taken from who fetched a token for it moments ago, and once."""

import threading
import time

import pytest
from django.db import connection

from newsletter import form_tokens
from newsletter.models import SpentToken

pytestmark = pytest.mark.django_db


def begun(seconds_ago: float) -> str:
    return form_tokens.issue(at=time.time() - seconds_ago)


@pytest.mark.parametrize("age", [2.1, 60, 3590])
def test_one_is_good_from_two_seconds_to_an_hour(age):
    form_tokens.spend(begun(age))

    assert SpentToken.objects.count() == 1


@pytest.mark.parametrize(("age", "why"), [(0, "faster"), (1.5, "faster"), (-60, "faster"), (3601, "an hour")])
def test_before_and_after_it_is_not(age, why):
    with pytest.raises(form_tokens.NotTaken, match=why):
        form_tokens.spend(begun(age))

    assert not SpentToken.objects.exists()


def test_it_is_good_once():
    token = begun(10)
    form_tokens.spend(token)

    with pytest.raises(form_tokens.NotTaken, match="sent already"):
        form_tokens.spend(token)


def test_with_a_refusal_comes_the_token_of_the_next_try():
    with pytest.raises(form_tokens.NotTaken) as refusal:
        form_tokens.spend("")
    with pytest.raises(form_tokens.NotTaken) as too_fast:
        form_tokens.spend(refusal.value.token)

    # It is the same one, or somebody quick would never get in.
    assert too_fast.value.token == refusal.value.token


def test_no_token_can_be_made_up():
    token = begun(10)
    altered = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token))]

    for bad in [*altered, token[:-1], token + "A", "x", ":", "1:1", "9" * 10_000, "\x00", token.replace(":", "::")]:
        with pytest.raises(form_tokens.NotTaken):
            form_tokens.spend(bad)
    assert not SpentToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_bring_the_same_one_at_once_one_is_taken():
    token, taken = begun(10), []

    def bring():
        try:
            form_tokens.spend(token)
            taken.append(True)
        except form_tokens.NotTaken:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=bring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert taken == [True]
