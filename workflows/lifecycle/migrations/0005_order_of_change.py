"""Indexes for the order of change of the lists, and for the requests that follow a preservation."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drafting", "0004_preservation_followed"),
        ("lifecycle", "0004_search"),
        ("reference", "0002_maintained"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="incomingrequest",
            index=models.Index(fields=["changed_at", "id"], name="lifecycle_incoming_changed"),
        ),
        migrations.AddIndex(
            model_name="incomingrequest",
            index=models.Index(
                condition=models.Q(("content__related__contains", [{"kind": "preservation"}])),
                fields=["requesting"],
                name="lifecycle_in_preserves",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingrequest",
            index=models.Index(fields=["changed_at", "id"], name="lifecycle_outgoing_changed"),
        ),
    ]
