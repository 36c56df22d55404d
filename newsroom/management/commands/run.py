import os
import signal
import sys

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from articles.models import Topic
from newsroom.processes import HOST, Processes, end_with_parent

from . import demo


class Command(BaseCommand):
    help = "Start the site and its worker on this machine, with a demo newsroom in an empty database."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", 8000))

    def handle(self, *, port, **options):
        if not settings.DEBUG:
            raise CommandError("This is for development (DEBUG=1); elsewhere start the processes of the Procfile.")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(0))
        if "MAKELEVEL" in os.environ:
            end_with_parent()  # A killed `make` takes us with it.
        site = f"http://{HOST}:{port}/"
        os.environ.setdefault("SITE_URL", site)

        with Processes(port) as processes:
            self.prepare_database()
            if not processes.start():
                raise CommandError("The web server did not start; its reason stands above.")
            self.welcome(site)
            processes.watch(self.say)

    def prepare_database(self):
        self.say("Bringing the database up to date ...")
        call_command("migrate", verbosity=0)
        if not (Topic.objects.exists() or get_user_model().objects.exists()):
            self.say("Loading the demo newsroom ...")
            call_command("demo", verbosity=0)

    def welcome(self, site):
        self.say(f"\n  The site  {site}\n  The desk  {site}desk/")
        usernames = get_user_model().objects.values_list("username", flat=True)
        for username, password, purpose in demo.LOGINS:
            if username in usernames:
                self.say(f"            {username:10} {password:20} {purpose}")
        self.say(f"\n  The post  {site}desk/newsletter/outboxmail/")
        self.say(f"            {'letters':10} reads there what readers were mailed")
        self.say("\n  Ctrl-C stops everything.\n")

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()
