"""Channels by hand: paper, INTERPOL, diplomatic bag, e-mail. The registry sends and records with proof."""

from __future__ import annotations

from workflows.exchange.channels import Carried
from workflows.exchange.models import Message, Transmission


class ByHand:
    electronic = False

    def __init__(self, name: str) -> None:
        self.name = name

    def carry(self, transmission: Transmission, message: Message) -> Carried:
        """Carry nothing: the transmission stays queued until the registry records its steps."""
        return Carried()
