"""Write anew what cases are compared by; needed once after the secret key was changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from workflows.drafting.models import LetterVersion
from workflows.lifecycle.alike_index import keys_fill
from workflows.lifecycle.models import AlikeKey, IncomingRequest, OutgoingRequest


class Command(BaseCommand):
    help = "Write the keys by which cases look alike anew, as after a change of SECRET_KEY. Changes no case."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            AlikeKey.objects.all().delete()
            count = keys_fill(incoming=IncomingRequest, outgoing=OutgoingRequest, versions=LetterVersion, keys=AlikeKey)
        self.stdout.write(f"{count} cases were looked at")
