"""An index over the words of every letter, so that search needs no table of its own that could fall behind."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0003_blank_answers")]

    operations = [
        migrations.RunSQL(
            "create index lifecycle_incoming_words on lifecycle_incomingrequest "
            "using gin (jsonb_to_tsvector('simple'::regconfig, content, '[\"string\"]'::jsonb))",
            "drop index lifecycle_incoming_words",
        )
    ]
