from django.db import migrations

from newsletter.keyed_hash import digest_of

BATCH = 5_000
FILL = """
    UPDATE newsletter_subscriber s SET digest = given.digest
    FROM unnest(%s::bigint[], %s::text[]) AS given (id, digest) WHERE s.id = given.id
"""


def fill(apps, schema_editor):
    """Some at a time, as there may be a million; who signs up meanwhile has theirs already."""
    without = apps.get_model("newsletter", "Subscriber").objects.filter(digest=None).order_by("pk")
    while batch := dict(without.values_list("pk", "address")[:BATCH]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FILL, [[*batch], [*map(digest_of, batch.values())]])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("newsletter", "0004_links_and_requests_need_no_row")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
