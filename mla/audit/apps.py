from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "mla.audit"
    label = "audit"
