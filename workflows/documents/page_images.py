"""A page of a PDF that was made here, as a picture. The only module that imports PDFium."""

from __future__ import annotations

import io
import threading
from typing import Final

#: Pixels for a point: a page of A4 is 952 wide, which an eye reads on any screen.
_SCALE: Final = 1.6
#: PDFium is used by one thread at a time.
_ONE: Final = threading.Lock()


def page_png(pdf: bytes, index: int) -> bytes:
    """Return the page of that index (from 0) as PNG in shades of grey.

    Raises:
        IndexError: there is no such page.
    """
    import pypdfium2

    with _ONE:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if not 0 <= index < len(document):
                raise IndexError(index)
            page = document[index]
            picture = page.render(scale=_SCALE, grayscale=True).to_pil().copy()
            page.close()
        finally:
            document.close()
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
