"""An index for the few letters that follow a preservation: no list reads every letter to find them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drafting", "0003_search"),
        ("reference", "0002_maintained"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="letterversion",
            index=models.Index(
                condition=models.Q(("content__related__contains", [{"kind": "preservation"}])),
                fields=["id"],
                name="drafting_version_preserves",
            ),
        ),
    ]
