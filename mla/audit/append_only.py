"""Migration operations that make another table append-only, by trigger and by missing rights."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations


def append_only(table: str) -> list[migrations.RunSQL | migrations.RunPython]:
    """Return the operations; the migration depends on ("audit", "0002_append_only")."""
    create = (
        f"create trigger {table}_append_only before update or delete on {table} "
        f"for each row execute function audit_append_only();"
        f"create trigger {table}_no_truncate before truncate on {table} "
        f"for each statement execute function audit_append_only();"
    )
    drop = f"drop trigger {table}_append_only on {table}; drop trigger {table}_no_truncate on {table};"

    def take_rights_away(apps: Any, schema_editor: Any) -> None:
        role = settings.DATABASE_APP_ROLE
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("select current_user, exists(select 1 from pg_roles where rolname = %s)", [role])
            owner, exists = cursor.fetchone()
            if exists and owner != role:
                cursor.execute(f"revoke update, delete, truncate on {table} from {schema_editor.quote_name(role)}")

    return [migrations.RunSQL(create, drop), migrations.RunPython(take_rights_away, migrations.RunPython.noop)]
