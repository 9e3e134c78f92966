"""Pages and style sheets are sent compressed, files of cases as they are.

That secrets cannot be guessed by the length of a compressed page (BREACH): Django pads each page by up to a hundred
random bytes and masks the CSRF token anew in each. Why that is enough: docs/performance.md.
"""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

#: What shrinks. A PDF, an image or an archive does not; a table file is streamed for as long as it is long.
TYPES = ("text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")


class CompressMiddleware(GZipMiddleware):
    def process_response(self, request, response):
        if not shrinks(response):
            return response
        return super().process_response(request, response)


def shrinks(response: HttpResponseBase) -> bool:
    """Tell whether an answer is text of the house, and no file that was asked for as a file."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    return kind in TYPES and "attachment" not in response.headers.get("Content-Disposition", "")
