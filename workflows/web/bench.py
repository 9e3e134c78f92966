"""What `make bench-web` measures beside the house's own pages. These routes stand in no installation.

The wsgi of the measurement (workflows.demo.bench_wsgi) puts this module in the place of mla.urls.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.views.decorators.http import require_safe

from workflows.lifecycle.models import OutgoingRequest
from workflows.web.desk import DeskRequest, page

#: A request that carries it is told in the answer how many queries it took, BEGIN and COMMIT among them.
COUNT = "X-Count-Queries"


@require_safe
@page()
def trivial(request: DeskRequest) -> HttpResponse:
    """Say one word to a person who is signed in: session, person, hats, and no frame."""
    return HttpResponse("here", content_type="text/plain")


@require_safe
@page()
def trivial_page(request: DeskRequest) -> HttpResponse:
    """Say one word inside the frame of every page."""
    return render(request, "web/bench.html", {"rows": []})


@require_safe
@page()
def bare_list(request: DeskRequest) -> HttpResponse:
    """Show the newest 50 rows of a table inside the frame: no filter, no right, no join but the one for the title."""
    rows = OutgoingRequest.objects.select_related("letter").order_by("-pk")[:50]
    return render(request, "web/bench.html", {"rows": rows})


class CountQueries:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if COUNT not in request.headers:
            return self.get_response(request)
        with CaptureQueriesContext(connection) as seen:
            answer = self.get_response(request)
        answer.headers[COUNT] = str(len(seen))
        return answer


urlpatterns = [
    path("bench/trivial", trivial),
    path("bench/page", trivial_page),
    path("bench/list", bare_list),
    path("", include("mla.urls")),
]
