import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import newsletter.models.subscriber

MAILBOX = django.db.models.functions.text.Lower(
    models.Func(
        models.F("address"),
        models.Value(r"^([^@+]+)\+[^@]*@"),
        models.Value(r"\1@"),
        function="regexp_replace",
        output_field=models.TextField(),
    )
)
STATES = [
    ("due", "Due"),
    ("sending", "In doubt"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("dropped", "Dropped by staff"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0002_readers_see_what_changed"),
        ("newsletter", "0003_staff_stay_on_consents"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="digest",
            field=newsletter.models.subscriber.DigestField(null=True),
        ),
        migrations.AddIndex(
            model_name="subscriber",
            index=models.Index(MAILBOX, name="subscriber_by_mailbox"),
        ),
        migrations.CreateModel(
            name="MailRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("address", models.EmailField(max_length=254)),
                (
                    "newsletter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="newsletter.newsletter",
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                ("cadence", models.CharField(blank=True, max_length=6)),
                ("language", models.CharField(blank=True, help_text="BCP 47.", max_length=35)),
                (
                    "page",
                    models.CharField(blank=True, help_text="The path of the page with the form.", max_length=300),
                ),
                (
                    "wording",
                    models.PositiveIntegerField(help_text="The version that stood there.", null=True),
                ),
                ("network", models.CharField(blank=True, max_length=50)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        name="mail_request_is_for_one_address",
                        condition=models.Q(address__regex=newsletter.models.subscriber.ADDRESS),
                    ),
                    models.CheckConstraint(
                        name="mail_request_is_about_one_thing",
                        condition=models.Q(newsletter=None) | models.Q(article=None),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SeenAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seen",
                        to="newsletter.subscriberimport",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(name="address_is_seen_once", fields=["source", "digest"]),
                ],
            },
        ),
        migrations.AddField(
            model_name="outboxmail",
            name="subscriber",
            field=models.ForeignKey(
                help_text="NULL: it is no mail of the letters.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mails",
                to="newsletter.subscriber",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="source",
            field=models.ForeignKey(
                db_index=False,
                help_text="The file it came by, unless its owner has confirmed it here since.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="newsletter.subscriberimport",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="consented_on",
            field=models.DateField(help_text="As that file states it.", null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="state",
            field=models.CharField(choices=STATES, default="due", max_length=7),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                name="notices_to_settle", fields=["-id"], condition=models.Q(state__in=["sending", "failed"])
            ),
        ),
    ]
