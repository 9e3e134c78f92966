from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mla.accounts"
    label = "accounts"

    def ready(self) -> None:
        from mla.accounts import sign_in, sign_in_audit

        sign_in.connect()
        sign_in_audit.connect()
