"""The statuses of the next edition, the moves between them, and the permission each move needs."""

from enum import StrEnum


class Status(StrEnum):
    """Where the next edition stands on its way to readers."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    READY = "ready"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


MOVES = {
    (Status.DRAFT, Status.IN_REVIEW): "articles.change_article",
    (Status.IN_REVIEW, Status.DRAFT): "articles.change_article",
    (Status.IN_REVIEW, Status.READY): "articles.publish_article",
    (Status.DRAFT, Status.READY): "articles.publish_article",
    (Status.READY, Status.DRAFT): "articles.change_article",
    (Status.READY, Status.IN_REVIEW): "articles.change_article",
}


def may_move(user, old: Status, new: Status) -> bool:
    """Whether `user` may take the next edition from `old` to `new`."""
    return old == new or ((old, new) in MOVES and user.has_perm(MOVES[old, new]))
