"""The QR code on the last page of a letter that is not confidential: it leads to the page "check a document".

The value that is compared stands behind the number sign of the address, so a browser never sends it anywhere.
"""

from __future__ import annotations

import re

import qrcode
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage


def check_code(address: str, sha256: str) -> SafeString:
    """Return the code as SVG, 25 mm wide with the white border that readers need; no text of a letter is in it."""
    return square_code(f"{address}#{sha256}", "25mm")


def square_code(text: str, width: str, label: str = "") -> SafeString:
    """Return a text as a square code in SVG, `width` (a CSS length) wide with the white border that readers need.

    `label`: what who cannot see it is told.
    """
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, image_factory=SvgPathImage)
    code.add_data(text)
    code.make(fit=True)
    drawn: str = code.make_image().to_string(encoding="unicode")
    # A style sheet does not make a drawing smaller than it says it is, where it stands in a row.
    named = f'aria-label="{escape(label)}" ' if label else ""
    head, end, rest = drawn.partition(">")
    sized = re.sub(r'\b(width|height)="[^"]*"', rf'\1="{width}"', head).replace(
        "<svg ", f'<svg class="check-code" role="img" {named}', 1
    )
    return mark_safe(sized + end + rest)  # noqa: S308 - made of our values: the text is drawn, not written
