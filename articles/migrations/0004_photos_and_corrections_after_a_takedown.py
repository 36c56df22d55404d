from django.db import migrations, models
from django.db.models import JSONField
from django.db.models.deletion import PROTECT
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

PUBLISHED = """
UPDATE articles_photo SET is_published = true
WHERE id::text IN (SELECT snapshot::jsonb #>> '{photo,photo}' FROM articles_revision);
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0003_withheld_corrections_lose_their_words")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="is_published",
            field=models.BooleanField(
                default=False, editable=False, help_text="Whether an edition has ever shown it to readers."
            ),
        ),
        migrations.AlterField(
            model_name="correction",
            name="supersedes",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=PROTECT, related_name="superseded_by", to="articles.correction"
            ),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                KeyTextTransform("file", KeyTransform("photo", Cast("snapshot", JSONField()))),
                name="edition_by_photo",
            ),
        ),
        migrations.RunSQL(sql=PUBLISHED, reverse_sql=migrations.RunSQL.noop),
    ]
