"""Any part of a reference is found by its three-letter pieces."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0007_orders_of_the_lists")]

    operations = [
        # As docs/roles.sql has it, which then leaves nothing to do here; the owner of a database may do it.
        migrations.RunSQL("create extension if not exists pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL(
            "create index lifecycle_outgoing_named on lifecycle_outgoingrequest "
            "using gin (upper(reference) gin_trgm_ops, upper(peer_reference) gin_trgm_ops);"
            "create index lifecycle_incoming_named on lifecycle_incomingrequest "
            "using gin (upper(reference) gin_trgm_ops, upper(peer_reference) gin_trgm_ops, upper(title) gin_trgm_ops)",
            "drop index lifecycle_outgoing_named; drop index lifecycle_incoming_named",
        )
    ]
