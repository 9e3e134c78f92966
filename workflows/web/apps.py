from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "workflows.web"
    label = "web"

    def ready(self) -> None:
        # Each module registers the screens of its acts.
        from workflows.web import session_limits
        from workflows.web.acts import (  # noqa: F401
            break_glass,
            conditions,
            consulting,
            courts,
            custody,
            emergency,
            emergency_disclosure,
            execution,
            extending,
            incoming,
            items,
            ledger,
            mails,
            offering,
            officer_links,
            outgoing_chain,
            outgoing_course,
            parts,
            preservation,
            returns,
            signing,
            teams,
            together,
            translation,
            undertakings,
            wishes,
        )

        session_limits.connect()
