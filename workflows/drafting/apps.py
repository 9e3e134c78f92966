from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "workflows.drafting"
    label = "drafting"

    def ready(self) -> None:
        """Read the measures and conditions at the start: a wrong file is told then, not by the first page that needs it."""
        from workflows.drafting.asking_letter import fields_asked_when
        from workflows.drafting.measures import measure_catalogue

        measure_catalogue()
        fields_asked_when()
