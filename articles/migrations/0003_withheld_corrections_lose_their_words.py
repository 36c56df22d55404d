from django.db import migrations

EMPTYING = """
CREATE OR REPLACE FUNCTION correction_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND EXISTS (SELECT FROM articles_withholding WHERE revision_id = OLD.revision_id) THEN
        OLD.wrong := '';
        OLD."right" := '';
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A correction is never changed or deleted; write a newer one.';
END $$;

UPDATE articles_correction SET wrong = '', "right" = ''
WHERE revision_id IN (SELECT revision_id FROM articles_withholding);
"""

NEVER = """
CREATE OR REPLACE FUNCTION correction_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A correction is never changed or deleted; write a newer one.';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0002_readers_see_what_changed")]

    operations = [migrations.RunSQL(sql=EMPTYING, reverse_sql=NEVER)]
