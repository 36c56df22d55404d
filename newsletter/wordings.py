"""What readers agree to where nobody at the desk has written it: when they follow a story."""

FOLLOWING = (
    "We use your address to write to you when this story changes, and for nothing else. We share it with nobody, "
    "and do not track whether you open a mail. Every mail has a link that stops them at once."
)


def provide(**kwargs) -> None:
    """Put the first version of it into a database that has none."""
    from .models import Wording

    if not Wording.objects.of(None).exists():
        Wording.objects.create(newsletter=None, version=1, text=FOLLOWING)
