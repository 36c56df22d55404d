"""Files of subscribers as the desk sends them, and what became of them."""

from django.core.files.uploadedfile import SimpleUploadedFile

from newsletter import importing
from newsletter.models import Subscriber, SubscriberImport

IMPORTS = "/desk/newsletter/subscriberimport/"


def upload(desk, letter, content: str | bytes, *, provenance="The fair of 2024.", cadence="daily"):
    content = content.encode() if isinstance(content, str) else content
    return desk.post(
        f"{IMPORTS}add/",
        {
            "newsletter": letter.pk,
            "cadence": cadence,
            "provenance": provenance,
            "file": SimpleUploadedFile("people.csv", content, "text/csv"),
        },
    )


def tried(desk, letter, content: str | bytes) -> SubscriberImport:
    """The import of this file, after the worker looked through it."""
    answer = upload(desk, letter, content)
    assert answer.status_code == 302, answer.content.decode()
    importing.work_on_due()
    return SubscriberImport.objects.first()


def taken(desk, letter, content: str | bytes) -> SubscriberImport:
    source = tried(desk, letter, content)
    desk.post(page_of(source), {"do": "take"})
    importing.work_on_due()
    source.refresh_from_db()
    return source


def page_of(source: SubscriberImport) -> str:
    return f"{IMPORTS}{source.pk}/change/"


def counts(source: SubscriberImport) -> tuple[int, ...]:
    return (source.added, source.known, source.repeated, source.suppressed, source.refused)


def problems(source: SubscriberImport) -> dict[int, str]:
    return dict(source.problems.values_list("line", "reason"))


def addresses() -> set[str]:
    return set(Subscriber.objects.values_list("address", flat=True))
