from django.core.management.base import BaseCommand, CommandError

from articles import history
from articles.models import Article


class Command(BaseCommand):
    help = "Check every edition of every story against its hashes; names the first bad edition of each story."

    def handle(self, **options):
        stories = bad = 0
        for article in Article.objects.select_related("desk__base_edition").order_by("pk").iterator(100):
            stories += 1
            fault = next(history.faults(article), None)
            if fault:
                bad += 1
                number, reason = fault
                self.stderr.write(f"{article.slug}: edition {number}: {reason}.")
        if bad:
            raise CommandError(f"The history of {bad} of {stories} stories does not hold.")
        self.stdout.write(f"The history of {stories} stories holds.")
