"""The place of the signature in a letter: a visible, tagged, empty field of the PDF.

A file that gets its field only when it is signed is no PDF/UA file any more: the field would hang on no tag. So the
letter has it before (ISO 14289-1, 7.18: a widget lies in a Form element and says what it is; ISO 19005-3, 6.3.3: it
has an appearance). The page marks the place by a link to itself, which the renderer puts into the tree of tags at
its place in the text, and which becomes the field here.
"""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary, Name, Pdf, String

from workflows.documents.values import FIELD_NAME

#: Print (bit 3) and locked (bit 8): it stays where it is.
_FLAGS: Final = 4 | 128


def make_field(document: Pdf, *, label: str) -> bool:
    """Turn the link that marks the place into an empty signature field; tell whether there was one.

    `label` is what a screen reader says of the field, in the language of the letter.
    """
    for page in document.pages:
        for annotation in page.get("/Annots", Array()):
            if annotation.get("/Subtype") == Name.Link and str(annotation.get("/Dest", "")) == FIELD_NAME:
                _to_field(document, page, annotation, label)
                return True
    return False


def _to_field(document: Pdf, page: Any, annotation: Any, label: str) -> None:
    for key in ("/Dest", "/A", "/BS", "/Border", "/Contents"):
        if key in annotation:
            del annotation[key]
    left, top, right, bottom = (float(value) for value in annotation.Rect)
    annotation.Rect = Array([min(left, right), min(top, bottom), max(left, right), max(top, bottom)])
    annotation.Subtype, annotation.FT = Name.Widget, Name.Sig
    annotation.T, annotation.TU = String(FIELD_NAME), String(label)
    annotation.F = _FLAGS
    annotation.P = page.obj
    empty = document.make_stream(b"")
    empty.Type, empty.Subtype = Name.XObject, Name.Form
    empty.BBox = Array([0, 0, abs(right - left), abs(bottom - top)])
    empty.Resources = Dictionary()
    annotation.AP = Dictionary(N=document.make_indirect(empty))
    page.Tabs = Name.S
    document.Root.AcroForm = document.make_indirect(Dictionary(Fields=Array([annotation]), SigFlags=0))
    _tag_as_form(document.Root.StructTreeRoot, int(annotation.StructParent))


def _tag_as_form(root: Any, parent: int) -> None:
    numbers = root.ParentTree.Nums
    for index in range(0, len(numbers), 2):
        if int(numbers[index]) == parent:
            numbers[index + 1].S = Name.Form
            return
    raise AssertionError("the renderer tagged no link for the signature")  # pragma: no cover
