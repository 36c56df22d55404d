from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = "Newsletters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import provider_events, return_addresses, roles, signature, wordings

        # After that of the stories, which makes the groups.
        post_migrate.connect(roles.synchronise, sender=self)
        post_migrate.connect(wordings.provide, sender=self)
        provider_events.connect()
        checks.register(signature.check)
        checks.register(return_addresses.check)
