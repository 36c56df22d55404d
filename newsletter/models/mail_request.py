from django.db import models
from django.db.models.functions import Now

from .newsletter import Newsletter
from .subscriber import ADDRESS


class MailRequestQuerySet(models.QuerySet):
    def due(self):
        return self.filter(due_at__lte=Now())

    def failing(self):
        return self.filter(tries__gt=0)

    def given_up(self):
        return self.filter(due_at=None)


class MailRequest(models.Model):
    """
    What somebody typed into a form, until the worker has looked at it: whom to write to, and of what.

    Without a letter and a story it asks for the link to one's preferences. The page that keeps it does not look
    whether the address is known, so nobody can tell by how long it takes.
    """

    address = models.EmailField(max_length=254)
    newsletter = models.ForeignKey(Newsletter, models.CASCADE, null=True, related_name="+")
    article = models.ForeignKey("articles.Article", models.CASCADE, null=True, related_name="+")
    cadence = models.CharField(max_length=6, blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47.")
    page = models.CharField(max_length=300, blank=True, help_text="The path of the page with the form.")
    wording = models.PositiveIntegerField(null=True, help_text="The version that stood there.")
    network = models.CharField(max_length=50, blank=True)
    at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, db_default=Now(), help_text="NULL: it is tried no more by itself.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Those that failed.")
    said = models.CharField(max_length=100, blank=True, help_text="Why the last one failed; no address in it.")

    objects = MailRequestQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="mail_request_is_for_one_address", condition=models.Q(address__regex=ADDRESS)
            ),
            models.CheckConstraint(
                name="mail_request_is_about_one_thing",
                condition=models.Q(newsletter=None) | models.Q(article=None),
            ),
        ]

    def __str__(self):
        return f"Request {self.pk}"
