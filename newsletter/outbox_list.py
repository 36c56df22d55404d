"""Which mails of the outbox staff ask for, newest first: pages begin at a key, and cost the same at a million."""

from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from .models import OutboxMail, Subscriber

ROWS_ON_PAGE = 50
# As many addresses that begin with what was typed are looked through, and as many of the newest mails.
ADDRESSES, NEWEST = 100, 10_000


@dataclass(frozen=True)
class Asked:
    """`words` are the beginning of an address or a part of a subject; `before` is the key of the last row shown."""

    words: str = ""
    before: int | None = None

    @property
    def is_too_short(self) -> bool:
        """Whether more addresses begin so than are looked through."""
        return (
            bool(self.words) and Subscriber.objects.beginning_with(self.words)[ADDRESSES : ADDRESSES + 1].exists()
        )


def page(mails: QuerySet[OutboxMail], asked: Asked) -> tuple[list[OutboxMail], int | None]:
    """Those of `mails` that are asked for, and the key the next page begins before, if there is one."""
    if asked.before is not None:
        mails = mails.filter(pk__lt=asked.before)
    if asked.words:
        mails = mails.filter(pk__in=[*_to_readers(mails, asked.words), *_among_the_newest(mails, asked.words)])
    rows = list(mails.order_by("-pk")[: ROWS_ON_PAGE + 1])
    return rows[:ROWS_ON_PAGE], rows[ROWS_ON_PAGE - 1].pk if len(rows) > ROWS_ON_PAGE else None


def _to_readers(mails: QuerySet[OutboxMail], words: str) -> QuerySet:
    """The keys of mails to those whose address begins so."""
    readers = Subscriber.objects.beginning_with(words).values("pk")[:ADDRESSES]
    return mails.filter(subscriber__in=readers).order_by().values_list("pk", flat=True)


def _among_the_newest(mails: QuerySet[OutboxMail], words: str) -> QuerySet:
    """The keys of as many as a page shows, of those with these words in subject or address."""
    newest = OutboxMail.objects.aggregate(key=Max("pk", default=0))["key"]
    has_them = Q(subject__icontains=words) | Q(to__icontains=words)
    found = mails.filter(has_them, pk__gt=newest - NEWEST).order_by("-pk")
    return found.values_list("pk", flat=True)[: ROWS_ON_PAGE + 1]
