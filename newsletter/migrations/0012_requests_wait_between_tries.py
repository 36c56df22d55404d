from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0011_issues_are_letters_at_the_desk")]

    operations = [
        migrations.AddField(
            model_name="mailrequest",
            name="due_at",
            field=models.DateTimeField(
                db_default=Now(),
                help_text="NULL: it is tried no more by itself.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="mailrequest",
            name="said",
            field=models.CharField(
                blank=True, help_text="Why the last one failed; no address in it.", max_length=100
            ),
        ),
        migrations.AddField(
            model_name="mailrequest",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, help_text="Those that failed."),
        ),
    ]
