from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class LiveMail(models.Model):
    """
    One of the two keys of live mail: the permission to send from this installation (the other is LIVE_MAIL=1).

    It names it by what no copy has; see `live_mail`.
    """

    database = models.CharField(max_length=60, primary_key=True)
    turned_on_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "live mail"

    def __str__(self):
        return self.database
