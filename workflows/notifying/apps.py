from datetime import timedelta

from django.apps import AppConfig


class NotifyingConfig(AppConfig):
    name = "workflows.notifying"
    label = "notifying"

    def ready(self) -> None:
        from workflows.engine.outbox import register
        from workflows.engine.sweeps import register_sweep
        from workflows.notifying.sending import mail_given_up, mail_send
        from workflows.notifying.services import mails_create

        register("mail.queued", name="notifying.send", run=mail_send, parked=mail_given_up)
        register_sweep("notifying.mails", every=timedelta(minutes=10), run=mails_create)
