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
        for statement in (
            f'grant select, insert, update, delete on all tables in schema public to "{role}"',
            f'grant usage, select on all sequences in schema public to "{role}"',
            f'revoke update, delete, truncate on audit_auditentry from "{role}"',
            f'revoke insert, update, delete, truncate on audit_audithead from "{role}"',
        ):
            connection.execute(statement)
