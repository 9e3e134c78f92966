"""Evidence, custody and proofs are never changed, by nobody."""

from django.db import migrations

from mla.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        *append_only("lifecycle_evidence"),
        *append_only("lifecycle_custodyentry"),
        *append_only("lifecycle_recordedproof"),
    ]
