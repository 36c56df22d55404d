from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "Stories"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        import reversion

        from . import roles, story_formats
        from .models import Article, Citation, KeyPoint, Photo, PhotoUse, Section, Source

        reversion.register(Article, follow=["sections", "key_points", "citations", "photo_use"])
        for model in (Section, KeyPoint, Citation, PhotoUse, Source, Photo):
            reversion.register(model)

        # After auth's own receiver, so that the permissions exist.
        post_migrate.connect(roles.synchronise, sender=self)
        post_migrate.connect(story_formats.provide, sender=self)
