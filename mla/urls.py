"""Routes of the installation; the screens live in workflows.web."""

from django.urls import include, path

urlpatterns = [
    path("", include("workflows.web.urls")),
    path("account/", include("mla.accounts.sign_in_urls")),
]
handler404 = "workflows.web.views.frame.not_found"
handler400 = "workflows.web.views.errors.bad_request"
handler403 = "workflows.web.views.errors.forbidden"
handler500 = "workflows.web.views.errors.server_error"
