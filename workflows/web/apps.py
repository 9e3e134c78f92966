from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "workflows.web"
    label = "web"
