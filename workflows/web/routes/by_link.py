"""The link of an officer of a State without such a system: the pages behind it, and ours that shows it."""

from django.urls import URLPattern, path

from workflows.web.views import by_link, officer_links

urlpatterns: list[URLPattern] = [
    path("link/<str:token>", by_link.door, name="link_door"),
    path("link/case/<uuid:public_id>/", by_link.case, name="link_case"),
    path("link/case/<uuid:public_id>/say/<slug:said>", by_link.say, name="link_say"),
    path("link/case/<uuid:public_id>/evidence", by_link.evidence, name="link_evidence"),
    path("link/case/<uuid:public_id>/evidence/add", by_link.add_file, name="link_add_file"),
    path("link/case/<uuid:public_id>/evidence/<uuid:file_id>/remove", by_link.remove_file, name="link_remove_file"),
    path("link/case/<uuid:public_id>/file/<int:pk>", by_link.file, name="link_file"),
    path("link/case/<uuid:public_id>/leave", by_link.leave, name="link_leave"),
    path("officer_link/<uuid:public_id>/", officer_links.slip, name="officer_link"),
]
