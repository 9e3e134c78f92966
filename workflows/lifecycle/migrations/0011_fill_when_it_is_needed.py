"""Give the cases that stand already their place in the queues, read from their letters."""

from typing import Any

from django.db import migrations

from workflows.drafting.key_dates import needed_by, pressing

_AT_ONCE = 500


def fill(apps: Any, schema_editor: Any) -> None:
    outgoing, incoming = apps.get_model("lifecycle", "OutgoingRequest"), apps.get_model("lifecycle", "IncomingRequest")
    versions = apps.get_model("drafting", "LetterVersion")
    for model in (outgoing, incoming):
        last = 0
        while rows := list(_rows(model, last)):
            contents = {row.pk: row.content for row in rows} if model is incoming else _drafted(versions, rows)
            for row in rows:
                row.needed_by = needed_by(contents.get(row.pk) or {})
                row.pressing = pressing(row.urgency, row.needed_by)
            model.objects.bulk_update(rows, ["needed_by", "pressing"])
            last = rows[-1].pk


def _rows(model: Any, last: int) -> Any:
    return model.objects.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]


def _drafted(versions: Any, cases: Any) -> dict[int, Any]:
    of_letter = {case.letter_id: case.pk for case in cases}
    found = versions.objects.filter(letter__in=of_letter).order_by("letter", "number")
    # The last version of a letter is its current one.
    return {of_letter[letter]: content for letter, content in found.values_list("letter_id", "content")}


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0010_by_when_it_is_needed"), ("drafting", "0007_title_parts")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
