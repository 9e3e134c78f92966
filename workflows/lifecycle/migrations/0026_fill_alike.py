"""Give the cases that stand already what they are compared by."""

from typing import Any

from django.db import migrations

from workflows.lifecycle.alike_index import keys_fill


def fill(apps: Any, schema_editor: Any) -> None:
    of = apps.get_model
    keys_fill(
        incoming=of("lifecycle", "IncomingRequest"), outgoing=of("lifecycle", "OutgoingRequest"),
        versions=of("drafting", "LetterVersion"), keys=of("lifecycle", "AlikeKey"),
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0025_together")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
