from datetime import timedelta

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "workflows.tracking"
    label = "tracking"

    def ready(self) -> None:
        from workflows.engine.sweeps import register_sweep, register_sweep_in_steps
        from workflows.tracking.reconciliation import reconcile
        from workflows.tracking.services import reminders_step

        register_sweep_in_steps("tracking.reminders", every=timedelta(minutes=10), step=reminders_step)
        register_sweep("tracking.reconcile", every=timedelta(minutes=5), run=reconcile)
