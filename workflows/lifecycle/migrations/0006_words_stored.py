"""The words of every request in, stored beside it: asking one row for a word no longer reads the whole letter again.

The column is the database's own: no model names it, nothing writes it, and it cannot fall behind its letter.
"""

from django.db import migrations

_WORDS = """jsonb_to_tsvector('simple'::regconfig, content, '["string"]'::jsonb)"""


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0005_order_of_change")]

    operations = [
        migrations.RunSQL(
            "drop index lifecycle_incoming_words;"
            f"alter table lifecycle_incomingrequest add column words tsvector generated always as ({_WORDS}) stored;"
            "create index lifecycle_incoming_words on lifecycle_incomingrequest using gin (words)",
            "drop index lifecycle_incoming_words;"
            "alter table lifecycle_incomingrequest drop column words;"
            f"create index lifecycle_incoming_words on lifecycle_incomingrequest using gin ({_WORDS})",
        )
    ]
