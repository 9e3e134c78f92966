"""The treaties, and what they mean between two States."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from workflows.web.views import treaties, treaties_edit, treaties_pair


class InstrumentCode(StringConverter):
    regex = "[A-Z0-9]+(-[A-Z0-9]+)*"


register_converter(InstrumentCode, "instrument")

urlpatterns: list[URLPattern] = [
    path("treaties/", treaties.treaties, name="treaties"),
    path("treaties/export.csv", treaties.export, name="treaties_export"),
    path("treaties/between", treaties_pair.between, name="treaties_between"),
    path("treaties/add", treaties_edit.treaty_add, name="treaty_add"),
    path("treaties/<instrument:code>/", treaties.treaty, name="treaty"),
    path("treaties/<instrument:code>/change", treaties_edit.treaty_change, name="treaty_change"),
    path("treaties/<instrument:code>/standing", treaties_edit.standing_choose, name="treaty_standing_choose"),
    path("treaties/<instrument:code>/standing/<country:state>", treaties_edit.standing, name="treaty_standing"),
]
