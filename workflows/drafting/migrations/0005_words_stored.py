"""The words of every letter, stored beside it: asking one row for a word no longer reads the whole letter again.

The column is the database's own: no model names it, nothing writes it, and it cannot fall behind its letter.
"""

from django.db import migrations

_WORDS = """jsonb_to_tsvector('simple'::regconfig, content, '["string"]'::jsonb)"""


class Migration(migrations.Migration):
    dependencies = [("drafting", "0004_preservation_followed")]

    operations = [
        migrations.RunSQL(
            "drop index drafting_version_words;"
            f"alter table drafting_letterversion add column words tsvector generated always as ({_WORDS}) stored;"
            "create index drafting_version_words on drafting_letterversion using gin (words)",
            "drop index drafting_version_words;"
            "alter table drafting_letterversion drop column words;"
            f"create index drafting_version_words on drafting_letterversion using gin ({_WORDS})",
        )
    ]
