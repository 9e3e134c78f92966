"""Operations: parallel requests seen together."""

from django.urls import URLPattern, path

from workflows.web.views import operations

urlpatterns: list[URLPattern] = [
    path("operations/", operations.operations, name="operations"),
    path("operations/open", operations.open_one, name="operation_open"),
    path("operations/<uuid:public_id>/", operations.operation, name="operation"),
    path("operations/<uuid:public_id>/export.csv", operations.export, name="operation_export"),
]
