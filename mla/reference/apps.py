from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "mla.reference"
    label = "reference"
