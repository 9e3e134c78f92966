"""Case pages, lists and search."""

from django.urls import URLPattern, path

from workflows.web.views import case, search

urlpatterns: list[URLPattern] = [
    path("out/<uuid:public_id>/", case.outgoing, name="outgoing"),
    path("in/<uuid:public_id>/", case.incoming, name="incoming"),
    path("search", search.search, name="search"),
]
