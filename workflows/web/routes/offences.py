"""The library of offences, and both ways between it and a letter."""

from django.urls import URLPattern, path

from workflows.web.views import offences

urlpatterns: list[URLPattern] = [
    path("offences/", offences.offences, name="offences"),
    path("offences/export.csv", offences.export, name="offences_export"),
    path("offences/add", offences.add, name="offence_add"),
    path("offences/<uuid:public_id>/", offences.offence, name="offence"),
    path("offences/<uuid:public_id>/change", offences.change, name="offence_change"),
    path("out/<uuid:public_id>/letter/offences/library", offences.to_letter, name="offence_to_letter"),
    path("out/<uuid:public_id>/letter/offences/<entry:key>/library", offences.from_letter, name="offence_from_letter"),
]
