from django.conf import settings
from django.core.management import BaseCommand, CommandError

from newsroom.demo import loading
from newsroom.demo.people import LOGINS


class Command(BaseCommand):
    help = "Load a small newsroom to look around in: three topics, eight stories, four logins."

    def handle(self, *, verbosity, **options):
        if not settings.DEBUG:
            raise CommandError(
                "The demo's passwords are public, so it loads only on a development machine (DEBUG=1)."
            )
        if loading.is_loaded():
            self.stdout.write("The demo newsroom is here already; nothing was changed.")
            return
        try:
            loading.load()
        except loading.InUse as error:
            raise CommandError("This database holds another newsroom; load the demo into an empty one.") from error
        if verbosity:
            self.stdout.write("The demo newsroom is ready. Logins at /desk/:")
            for username, password, purpose in LOGINS:
                self.stdout.write(f"  {username:10} {password:15} {purpose}")
