"""The place of the signature in a letter: a visible, tagged, empty field of the PDF.

A file that gets its field only when it is signed is no PDF/UA file any more: the field would hang on no tag. So the
letter has it before (ISO 14289-1, 7.18: a widget lies in a Form element and says what it is; ISO 19005-3, 6.3.3: it
has an appearance). The page marks the place by a link to itself, which the renderer puts into the tree of tags at
its place in the text, and which becomes the field here.
"""

from __future__ import annotations

from typing import Any, Final

import pydyf

from workflows.documents.tagging import object_at, parents_of
from workflows.documents.values import FIELD_NAME

#: Print (bit 3) and locked (bit 8): it stays where it is.
_FLAGS: Final = 4 | 128


def make_field(pdf: Any, *, label: str) -> bool:
    """Turn the link that marks the place into an empty signature field; tell whether there was one.

    `label` is what a screen reader says of the field, in the language of the letter.
    """
    for page in pdf.page_references:
        for reference in object_at(pdf, page).get("Annots", ()):
            annotation = object_at(pdf, reference)
            if annotation["Subtype"] == "/Link" and _names_the_field(annotation.get("Dest")):
                _to_field(pdf, page, annotation, label)
                return True
    return False


def _names_the_field(destination: Any) -> bool:
    return isinstance(destination, pydyf.String) and destination.string == FIELD_NAME


def _to_field(pdf: Any, page: bytes, annotation: Any, label: str) -> None:
    for key in ("Dest", "BS", "Contents"):
        annotation.pop(key, None)
    left, top, right, bottom = annotation["Rect"]
    annotation["Rect"] = pydyf.Array([min(left, right), min(top, bottom), max(left, right), max(top, bottom)])
    annotation |= {"Subtype": "/Widget", "FT": "/Sig", "F": _FLAGS, "P": page}
    annotation |= {"T": pydyf.String(FIELD_NAME), "TU": pydyf.String(label)}
    box = pydyf.Array([0, 0, abs(right - left), abs(bottom - top)])
    empty = pydyf.Stream(extra={"Type": "/XObject", "Subtype": "/Form", "BBox": box, "Resources": pydyf.Dictionary()})
    pdf.add_object(empty)
    annotation["AP"] = pydyf.Dictionary({"N": empty.reference})
    form = pydyf.Dictionary({"Fields": pydyf.Array([annotation.reference]), "SigFlags": 0})
    pdf.add_object(form)
    pdf.catalog["AcroForm"] = form.reference
    object_at(pdf, parents_of(pdf)[annotation["StructParent"]])["S"] = "/Form"
