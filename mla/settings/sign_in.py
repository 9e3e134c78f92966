"""Sign-in: allauth with a second factor, the lock by axes, sessions. Why it is so: docs/sign-in.md."""

from __future__ import annotations

from datetime import timedelta

from mla.settings.env import Env

_env = Env.read()

# --- Accounts are made by administrators: no sign-up, no pages for addresses. ---
ACCOUNT_ADAPTER = "mla.accounts.sign_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "mla.accounts.sign_in_forms.LoginForm",
    "reauthenticate": "mla.accounts.sign_in_forms.PasswordAgainForm",
    "change_password": "mla.accounts.sign_in_forms.ChangePasswordForm",
    "reset_password_from_key": "mla.accounts.sign_in_forms.ResetPasswordKeyForm",
    "reset_password": "mla.accounts.sign_in_forms.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
#: Seconds for which a sign-in is recent enough to approve, to send and to change a second factor.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Failures are counted by axes, in the database; these limits are counted by each process for itself.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "",
    "check_document": "20/m/ip",
    "officer_link": "10/m/ip",
    "compare_copy": "10/m/user",
    "preview": "20/m/user",
}

# --- The second factor ---
MFA_ADAPTER = "mla.accounts.sign_in.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "mla.accounts.sign_in_forms.AuthenticateForm",
    "reauthenticate": "mla.accounts.sign_in_forms.ReauthenticateForm",
    "activate_totp": "mla.accounts.sign_in_forms.ActivateTOTPForm",
    "add_webauthn": "mla.accounts.sign_in_forms.AddKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "MLA"
# A telephone's clock may be half a minute off; no code is taken twice (sign_in_forms).
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# allauth asks that an address be confirmed first; here addresses come from the administrator.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers allow keys on http://localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _env.mode != "production"
#: Keys from before, so that the secrets of second factors are still read; see docs/operations.md.
SECRET_KEY_FALLBACKS = list(_env.old_secret_keys)
SECOND_FACTOR_REQUIRED = not _env.demo

# --- The lock: by person, whatever the address. Person and address together would add nothing to it. ---
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
# W006 asks for the address: by name alone no change of address, browser or cookie escapes the lock.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_LOCKOUT_CALLABLE = "mla.accounts.sign_in_views.locked_out"
AXES_CLIENT_IP_CALLABLE = "mla.accounts.sign_in.client_address"
# Otherwise whoever knows a name could keep its owner out for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address", "password", "code", "credential", "csrfmiddlewaretoken"]
# The audit says who signed in.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
#: Proxies in front that each add to X-Forwarded-For. The client's address is the one the outermost of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = _env.trusted_proxies

# --- Sessions. Rows outlive the limits, so that who left is still known after a weekend; see web.session_limits. ---
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=4).total_seconds())
SESSION_IDLE_SECONDS = _env.session_idle_minutes * 60
SESSION_LONGEST_SECONDS = int(timedelta(hours=10).total_seconds())

# --- Mail, for a forgotten password alone. Without it the page names the administrator. ---
PASSWORD_RESET_BY_MAIL = bool(_env.email_host)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _env.email_host else 'dummy'}.EmailBackend"
EMAIL_HOST = _env.email_host or "localhost"
EMAIL_PORT = _env.email_port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _env.email_user, _env.email_password
EMAIL_USE_TLS = bool(_env.email_host) and _env.email_port != 465
EMAIL_USE_SSL = _env.email_port == 465
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _env.email_from or "mla@localhost"
