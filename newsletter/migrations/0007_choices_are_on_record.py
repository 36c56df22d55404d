
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import articles.models.fields
import newsletter.models.newsletter


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0003_withheld_corrections_lose_their_words"),
        ("newsletter", "0006_subscribers_have_a_digest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consent",
            name="consent_is_to_a_letter_or_a_story",
        ),
        migrations.AlterField(
            model_name="consent",
            name="act",
            field=models.CharField(
                choices=[
                    ("asked", "Asked"),
                    ("confirmed", "Confirmed"),
                    ("imported", "Imported"),
                    ("left", "Unsubscribed"),
                    ("cadence", "Chose how often"),
                    ("paused", "Paused"),
                    ("resumed", "Resumed"),
                    ("language", "Chose a language"),
                ],
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="reason",
            field=articles.models.fields.PlainTextField(
                blank=True, help_text="Why they left, where an imported consent was given, or what they chose."
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="cadences",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("each", "Each development"), ("daily", "Daily"), ("weekly", "Weekly")], max_length=6
                ),
                default=newsletter.models.newsletter.every_cadence,
                help_text="What readers can choose from. Unless they choose, they get the first one ticked.",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="promise",
            field=articles.models.fields.PlainTextField(
                help_text="What readers will get, in a sentence or two. It stands under the title."
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="sender_address",
            field=models.EmailField(
                blank=True, help_text="Left empty, it is the address that all our mail comes from.", max_length=254
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="sender_name",
            field=articles.models.fields.LineField(
                blank=True, help_text="Left empty, it is the name of the site.", max_length=80
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="time_zone",
            field=models.CharField(
                default="UTC",
                help_text="Decides when a day and a week begin, as Europe/Kyiv.",
                max_length=64,
                validators=[newsletter.models.newsletter.is_a_zone],
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="title",
            field=articles.models.fields.LineField(
                help_text="The headline of the sign-up box, such as “Get the next Ukraine update”.", max_length=80
            ),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                help_text="Its sign-up box is on this topic’s pages. No topic: it is the whole site’s newsletter.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="newsletters",
                to="articles.topic",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("confirm", "Please confirm"),
                    ("known", "Signed up already"),
                    ("welcome", "Welcome"),
                    ("link", "Your link"),
                    ("left", "Unsubscribed"),
                ],
                max_length=7,
            ),
        ),
        migrations.AlterField(
            model_name="subscriberimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("trying", "Being checked"),
                    ("tried", "Checked; nobody is added yet"),
                    ("taking", "Being added"),
                    ("done", "Added"),
                    ("failed", "Nobody was added"),
                ],
                default="trying",
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("newsletter", None), ("article", None), _connector="XOR"),
                    models.Q(
                        ("act__in", ["paused", "resumed", "language"]), ("article", None), ("newsletter", None)
                    ),
                    _connector="OR",
                ),
                name="consent_is_to_a_letter_or_a_story",
            ),
        ),
        migrations.AlterConstraint(
            model_name="newsletter",
            name="topic_has_one_letter",
            constraint=models.UniqueConstraint(
                fields=("topic",),
                name="topic_has_one_letter",
                nulls_distinct=False,
                violation_error_message="There is a newsletter for this already.",
            ),
        ),
    ]
