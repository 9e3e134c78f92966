"""An index over the words of every letter, so that search needs no table of its own that could fall behind."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("drafting", "0002_acts_and_named_officers")]

    operations = [
        migrations.RunSQL(
            "create index drafting_version_words on drafting_letterversion "
            "using gin (jsonb_to_tsvector('simple'::regconfig, content, '[\"string\"]'::jsonb))",
            "drop index drafting_version_words",
        )
    ]
