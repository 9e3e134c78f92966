"""What is known of each State."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from mla.reference.profiles import Topic
from workflows.web.views import countries


class CountryCode(StringConverter):
    regex = "[A-Z]{2}"


class TopicCode(StringConverter):
    regex = "|".join(Topic.values)


register_converter(CountryCode, "country")
register_converter(TopicCode, "topic")

urlpatterns: list[URLPattern] = [
    path("countries/", countries.countries, name="countries"),
    path("countries/export.csv", countries.export, name="countries_export"),
    path("countries/import", countries.bring, name="countries_import"),
    path("countries/import/apply", countries.bring_apply, name="countries_apply"),
    path("countries/<country:code>/", countries.country, name="country"),
    path("countries/<country:code>/add/<topic:topic>", countries.entry_add, name="country_add"),
    path("countries/entries/<uuid:public_id>/", countries.entry, name="country_entry"),
]
