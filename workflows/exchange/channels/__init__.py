"""Ways to another State. A channel is one module here, registered by name; nothing else speaks to the network.

An electronic channel carries an envelope and its files and says what became of it. A channel by hand
carries nothing: the registry sends the paper and records each step with its proof.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from workflows.exchange.models import Message, Transmission


@dataclass(frozen=True, slots=True)
class Carried:
    """What a channel did with a message.

    `steps`: the acts of the transmission, in order, each with its receipt. `finish`: written in the
    same transaction as the steps.
    """

    steps: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    finish: Callable[[], None] | None = None


class Channel(Protocol):
    """`carry` does its outside work with a key that makes a repetition harmless: the message_id."""

    name: str
    electronic: bool

    def carry(self, transmission: Transmission, message: Message) -> Carried: ...


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    """Make a channel known; called in the exchange package's `ready`."""
    if channel.name in _channels:
        raise ValueError(f"there is a channel {channel.name} already")
    _channels[channel.name] = channel


def channel_named(name: str) -> Channel:
    """Return the channel. Raises KeyError: the guard of sending knows the names."""
    return _channels[name]


def channel_names() -> list[str]:
    return sorted(_channels)
