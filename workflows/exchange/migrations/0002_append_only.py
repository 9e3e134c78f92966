"""Receipts and the files a message carried are never changed, by nobody; nor is an envelope."""

from django.db import migrations

from mla.audit.append_only import append_only

ENVELOPE = """
create function exchange_keep_envelope() returns trigger language plpgsql as $$
begin
    if new.envelope is distinct from old.envelope or new.hash is distinct from old.hash
       or new.message_id is distinct from old.message_id or new.seq is distinct from old.seq then
        raise exception 'a message keeps its bytes' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger exchange_message_keep_envelope before update on exchange_message
    for each row execute function exchange_keep_envelope();
create trigger exchange_message_no_delete before delete on exchange_message
    for each row execute function audit_append_only();
"""
BACK = """
drop trigger exchange_message_keep_envelope on exchange_message;
drop trigger exchange_message_no_delete on exchange_message;
drop function exchange_keep_envelope;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        *append_only("exchange_receipt"),
        *append_only("exchange_messagefile"),
        migrations.RunSQL(ENVELOPE, BACK),
    ]
