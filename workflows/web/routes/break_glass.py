"""Restricted cases that were opened by persons who are not named in them."""

from django.urls import URLPattern, path

from workflows.web.views import break_glass

urlpatterns: list[URLPattern] = [
    path("restricted/", break_glass.openings, name="break_glasses"),
    path("restricted/open", break_glass.open_one, name="break_glass_open"),
    path("restricted/<uuid:public_id>/", break_glass.opening, name="break_glass"),
    path("restricted/<uuid:public_id>/case", break_glass.read_case, name="break_glass_case"),
]
