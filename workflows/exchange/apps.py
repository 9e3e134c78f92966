from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "workflows.exchange"
    label = "exchange"
