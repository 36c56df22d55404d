"""What is an address, and the one way it is kept."""

import email.policy
import re
from email import message_from_bytes

import pytest

from newsletter.models import (
    OutboxMail,
    Subscriber,
)
from tests.articles.forms import Form

from .sign_up_form import ROAD, VIRA, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "vira", "vira@", "@reader.example", "a@b@c.example", "vira@localhost", "vira@reader..example"),
        *("a@b.example\r\nBcc: c@d.example", "a@b.example\nc@d.example", "a@b.example, c@d.example"),
        *("a@b.example;c@d.example", '"a b"@b.example', '"a@b"@c.example', "a\x00@b.example", "a@b.example\x00"),
        *(
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "Vira <a@b.example>",
            "a b@c.example",
            "a%0d%0a@b.example\r\n.",
            "é@b.example",
        ),
        *(
            "a@b.example\u2028",
            "<a@b.example>",
            "a(comment)@b.example",
            f"{'a' * 250}@b.example",
            "a@b.example" * 99,
        ),
    ],
)
def test_what_is_not_one_address_is_said_so_and_stays_in_the_form(reader, letter, typed):
    answer = send(reader, address=typed)

    assert answer.status_code == 200 and "Not sent yet." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not Subscriber.objects.exists() and not OutboxMail.objects.exists()
    if not re.search("[\x00\r\n\u2028]", typed):
        assert Form(reader, ROAD, answer)["address"] == [typed]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" vira@reader.example ", VIRA),
        ("vira+news@READER.example", "vira+news@reader.example"),
        ("vira@пошта.example", "vira@xn--80a1acn3a.example"),
        ("vira%relay@reader.example", "vira%relay@reader.example"),
        ("o'neil@mailinator.com", "o'neil@mailinator.com"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example", None),
    ],
)
def test_an_address_is_kept_in_one_way_and_mailed_to_alone(reader, letter, typed, kept):
    assert send(reader, address=typed).status_code == 303

    assert Subscriber.objects.get().address == (kept or typed)
    [mail] = OutboxMail.objects.all()
    message = message_from_bytes(bytes(mail.raw), policy=email.policy.default)
    assert message["To"].strip() == mail.to == (kept or typed)
    assert not message["Cc"] and not message["Bcc"]


@pytest.mark.parametrize("length", [254, 255])
def test_an_address_has_254_characters_at_most(reader, letter, length):
    domain = f"{'b' * 63}.{'c' * 63}.{'d' * (length - 64 - 1 - 63 - 1 - 63 - 1 - 8)}.example"
    address = f"{'a' * 64}@{domain}"
    assert len(address) == length

    assert send(reader, address=address).status_code == (303 if length == 254 else 200)
