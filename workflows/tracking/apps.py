from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "workflows.tracking"
    label = "tracking"
