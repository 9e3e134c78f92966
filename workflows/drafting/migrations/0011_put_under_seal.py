"""Take the particulars of protected persons out of the letters that stand already, and put them under seal.

Also out of frozen versions: what was approved and hashed is their frozen content, which never held the particulars.
"""

from typing import Any

from django.db import migrations
from django.utils import timezone

from workflows.drafting.models_sealed import _nonce
from workflows.drafting.sealing import as_protected, taken_apart


def put_under_seal(apps: Any, schema_editor: Any) -> None:
    versions, sealed = apps.get_model("drafting", "LetterVersion"), apps.get_model("drafting", "SealedIdentity")
    earlier, now = apps.get_model("drafting", "EarlierText"), timezone.now()
    for version in versions.objects.filter(content__persons__contains=[{"protected": True}]).iterator(chunk_size=100):
        apart = taken_apart(version.content)
        if apart.content != version.content:
            version.content = apart.content
            version.save(update_fields=["content"])
        for key, particulars in apart.sealed.items():
            sealed.objects.create(version=version, key=key, particulars=particulars, nonce=_nonce(), by=None, at=now)
        for text in earlier.objects.filter(version=version):
            text.content = as_protected(text.content, version.content)
            text.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("drafting", "0010_sealed_identities")]

    operations = [migrations.RunPython(put_under_seal, migrations.RunPython.noop)]
