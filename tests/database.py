"""Work on test databases that only their owner may do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings


def owner_connection(database: str = "postgres") -> psycopg.Connection[Any]:
    """Connect as the owner role, outside any transaction."""
    url = urlunsplit(urlsplit(settings.DATABASE_OWNER_URL)._replace(path="/" + database))
    return psycopg.connect(url, autocommit=True)


def grant_application_rights(database: str) -> None:
    """Give the application's role what default privileges give it in an installation, and no more."""
    role = settings.DATABASE_APP_ROLE
    with owner_connection(database) as connection:
        connection.execute(f'grant select, insert, update, delete on all tables in schema public to "{role}"')
        connection.execute(f'grant usage, select on all sequences in schema public to "{role}"')
        connection.execute(f'revoke insert, update, delete, truncate on audit_audithead from "{role}"')
        append_only = connection.execute(
            r"select distinct relname from pg_trigger join pg_proc on pg_proc.oid = tgfoid"
            r" join pg_class on pg_class.oid = tgrelid where proname = 'audit_append_only' and tgname like '%\_append\_only'"
        ).fetchall()
        for (table,) in append_only:
            connection.execute(f'revoke update, delete, truncate on {table} from "{role}"')
