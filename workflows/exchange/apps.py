from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "workflows.exchange"
    label = "exchange"

    def ready(self) -> None:
        from workflows.engine.outbox import register
        from workflows.exchange.channels import register_channel
        from workflows.exchange.channels.by_hand import ByHand
        from workflows.exchange.channels.local import LocalChannel, tell_the_sender
        from workflows.exchange.receiving import apply_message, arrival_key
        from workflows.exchange.services import transmission_key, transmission_parked, transmit
        from workflows.exchange.writing import (
            DOCUMENT_SENT,
            INCOMING,
            OUTGOING,
            SHORT,
            conversation_key,
            document_key,
            short_key,
            write_message,
        )

        register_channel(LocalChannel())
        for name in ("paper", "interpol", "diplomatic", "email", "24_7"):
            register_channel(ByHand(name))
        for event in (*OUTGOING, *INCOMING):
            register(event, name="exchange.write", run=write_message, ordering=conversation_key)
        for event in SHORT:
            register(event, name="exchange.write", run=write_message, ordering=short_key)
        register(DOCUMENT_SENT, name="exchange.write", run=write_message, ordering=document_key)
        register(
            "transmission.queued",
            name="exchange.transmit",
            run=transmit,
            ordering=transmission_key,
            parked=transmission_parked,
        )
        register("message.received", name="exchange.apply", run=apply_message, ordering=arrival_key)
        for event in ("message.applied", "message.refused"):
            register(event, name="exchange.local_receipt", run=tell_the_sender)
