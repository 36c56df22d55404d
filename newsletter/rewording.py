"""A new version of what readers of a letter agree to; the older ones stay, as consents point at them."""

from django.db import transaction

from .models import Newsletter, Wording


@transaction.atomic
def reword(newsletter: Newsletter, text: str) -> Wording:
    """The newest version, which is the one before if it says the same."""
    Newsletter.objects.select_for_update().get(pk=newsletter.pk)
    newest = Wording.objects.of(newsletter).first()
    if newest and newest.text == text:
        return newest
    version = newest.version + 1 if newest else 1
    return Wording.objects.create(newsletter=newsletter, version=version, text=text)
