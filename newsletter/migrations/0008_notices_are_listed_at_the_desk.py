from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0007_choices_are_on_record")]

    operations = [
        migrations.AlterModelOptions(
            name="notice", options={"ordering": ["-pk"], "verbose_name_plural": "mails that did not go out"}
        ),
    ]
