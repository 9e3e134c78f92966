from datetime import timedelta

from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "workflows.drafting"
    label = "drafting"

    def ready(self) -> None:
        from workflows.drafting.services_uploads import uploads_sweep
        from workflows.engine.sweeps import register_sweep

        register_sweep("drafting.uploads", every=timedelta(hours=1), run=uploads_sweep)
        self.read_files()

    def read_files(self) -> None:
        """Read the measures and conditions at the start: a wrong file is told then, not by the first page that needs it."""
        from workflows.drafting.asking_letter import fields_asked_when
        from workflows.drafting.measures import measure_catalogue

        measure_catalogue()
        fields_asked_when()
