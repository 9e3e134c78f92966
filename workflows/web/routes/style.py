"""The living page."""

from django.urls import URLPattern, path

from workflows.web.views import style

urlpatterns: list[URLPattern] = [path("style/", style.style, name="style")]
