import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0009_letters_are_sent")]

    operations = [
        migrations.CreateModel(
            name="Bounce",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="A hash of what tells it from all others.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("soft", "Came back for now"),
                            ("hard", "Came back for good"),
                            ("complaint", "Complained of"),
                        ],
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "subscriber",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bounces",
                        to="newsletter.subscriber",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [
                    models.Index(fields=["subscriber", "at"], name="bounces_by_time"),
                    models.Index(fields=["at"], name="bounces_to_forget"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="consent",
            name="method",
            field=models.CharField(
                choices=[
                    ("form", "Form on a page"),
                    ("link", "Button behind a mailed link"),
                    ("one-click", "One click in the mail program (RFC 8058)"),
                    ("staff", "Letters staff"),
                    ("import", "Imported file"),
                    ("provider", "Mail provider"),
                    ("mail", "Mail to the address that ends it"),
                ],
                max_length=9,
            ),
        ),
    ]
