from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0010_mails_come_back")]

    operations = [
        migrations.AlterModelOptions(
            name="issue",
            options={
                "ordering": ["-pk"],
                "permissions": [("send_issue", "Can send issues"), ("send_correction", "Can mail a correction")],
                "verbose_name": "letter",
            },
        ),
    ]
