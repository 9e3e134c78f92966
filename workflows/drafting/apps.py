from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "workflows.drafting"
    label = "drafting"
