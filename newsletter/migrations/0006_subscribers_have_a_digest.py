from django.db import migrations, models

import newsletter.models.subscriber


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0005_fill_digests_of_subscribers")]

    operations = [
        migrations.AlterField(
            model_name="subscriber",
            name="digest",
            field=newsletter.models.subscriber.DigestField(
                help_text="By which the links of our mails know them; see `keyed_hash.digest_of`."
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.UniqueConstraint(name="digest_is_of_one_address", fields=["digest"]),
        ),
    ]
