"""Routes of the screens, a list for each part of the house. Names are what templates and tests use."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from workflows.lifecycle.short import MACHINES
from workflows.web.routes import (
    administration,
    break_glass,
    by_link,
    countries,
    drafting,
    offences,
    operations,
    registry,
    review,
    style,
    templates,
    tracking,
    translations,
    treaties,
)
from workflows.web.views import act, check, frame, health, worklist

app_name = "web"


class Way(StringConverter):
    regex = "|".join(
        (
            "out",
            "in",
            "item",
            "letter",
            "translation",
            "document",
            "operation",
            "break_glass",
            "officer_link",
            *(one.KIND for one in MACHINES),
        )
    )


register_converter(Way, "way")

urlpatterns: list[URLPattern] = [
    path("check", check.check, name="check"),
    path("healthz", health.healthz, name="healthz"),
    path("", worklist.worklist, name="worklist"),
    path("hat", frame.hat_change, name="hat"),
    path("language", frame.language_change, name="language"),
    path("kept/<uuid:key>", frame.kept, name="kept"),
    path("<way:way>/<uuid:public_id>/do/<slug:name>", act.act, name="act"),
    *registry.urlpatterns,
    *tracking.urlpatterns,
    *review.urlpatterns,
    *offences.urlpatterns,
    *operations.urlpatterns,
    *templates.urlpatterns,
    *drafting.urlpatterns,
    *administration.urlpatterns,
    *break_glass.urlpatterns,
    *by_link.urlpatterns,
    *countries.urlpatterns,
    *translations.urlpatterns,
    *treaties.urlpatterns,
    *style.urlpatterns,
]
