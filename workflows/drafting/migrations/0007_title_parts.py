"""Any part of a title is found by its three-letter pieces."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("drafting", "0006_restricted_letters")]

    operations = [
        # As docs/roles.sql has it, which then leaves nothing to do here; the owner of a database may do it.
        migrations.RunSQL("create extension if not exists pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL(
            "create index drafting_letter_title on drafting_letterofrequest using gin (upper(title) gin_trgm_ops)",
            "drop index drafting_letter_title",
        )
    ]
