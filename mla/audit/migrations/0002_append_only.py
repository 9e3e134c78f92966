"""Append-only by trigger, by missing rights, and with a head that only the owner's trigger writes."""

from django.conf import settings
from django.db import migrations

FORWARD = """
create function audit_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only (% refused)', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger audit_entry_append_only before update or delete on audit_auditentry
    for each row execute function audit_append_only();
create trigger audit_entry_no_truncate before truncate on audit_auditentry
    for each statement execute function audit_append_only();

create function audit_advance_head() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    insert into audit_audithead (authority_id, seq, hash) values (new.authority_id, new.seq, new.hash)
    on conflict (authority_id) do update set seq = excluded.seq, hash = excluded.hash
        where audit_audithead.seq = excluded.seq - 1;
    if not found then
        raise exception 'audit entry % of authority % does not follow the head', new.seq, new.authority_id;
    end if;
    return null;
end $$;

create trigger audit_entry_head after insert on audit_auditentry
    for each row execute function audit_advance_head();
"""
BACKWARD = """
drop trigger audit_entry_head on audit_auditentry;
drop function audit_advance_head;
drop trigger audit_entry_append_only on audit_auditentry;
drop trigger audit_entry_no_truncate on audit_auditentry;
drop function audit_append_only;
"""


def take_rights_away(apps, schema_editor):
    quoted = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select current_user, exists(select 1 from pg_roles where rolname = %s)", [settings.DATABASE_APP_ROLE])
        owner, exists = cursor.fetchone()
        if exists and owner != settings.DATABASE_APP_ROLE:
            cursor.execute(f"revoke update, delete, truncate on audit_auditentry from {quoted}")
            cursor.execute(f"revoke insert, update, delete, truncate on audit_audithead from {quoted}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(take_rights_away, migrations.RunPython.noop),
    ]
