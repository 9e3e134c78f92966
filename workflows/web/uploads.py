"""A file on its way in: how large it may be is told before, what it is comes from its content, its name is cleaned.

The file stays where Django put it (on the disk when it is large) and is stored by pieces. Nothing here trusts
the browser's word on type or name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import magic
from django import forms
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from workflows.drafting.annexes import AnnexWrong, annex_name
from workflows.lifecycle.services.outgoing_course import Proof

#: Bytes. What a message can announce of one file (workflows.exchange.envelope).
LARGEST_EVIDENCE = 2**31
LARGEST_PROOF = 50 * 1024 * 1024
#: Bytes from which the kind of a file is told.
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Sent:
    """A checked upload. `media_type` is told by the content; `size` in bytes."""

    name: str
    media_type: str
    size: int
    content: BinaryIO

    def proof(self, note: str) -> Proof:
        return Proof(name=self.name, media_type=self.media_type, content=self.content, note=note)


class UploadField(forms.FileField):
    """One file; its cleaned value is `Sent`."""

    def __init__(self, *, largest: int = LARGEST_PROOF, **options: Any) -> None:
        self.largest = largest
        said = options.pop("help_text", "")
        options["help_text"] = _Told(said, largest)
        super().__init__(**options)

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        return sent_from(file, self.largest) if file else None

    def clean(self, data: Any, initial: Any = None) -> Any:
        # FileField hands the raw upload on where there is no initial file; what was checked is what counts.
        self.validate(data or None)
        return self.to_python(data) if data else None


class ManyUploadsField(UploadField):
    """Several files; the cleaned value is a list of `Sent`, empty when none is required and none came."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=ManyFiles(), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(ManyUploadsField, self).clean(file) for file in files]


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


def sent_from(file: File[Any], largest: int) -> Sent:
    """Return a checked upload.

    Raises:
        ValidationError: empty, too large, or with a name that hides something or leads elsewhere.
    """
    size = file.size or 0
    if not size:
        raise forms.ValidationError(_("The file is empty: choose the file again."), code="empty")
    if size > largest:
        message = _("The file has %(size)s; at most %(largest)s can be taken.")
        raise forms.ValidationError(
            message % {"size": filesizeformat(size), "largest": filesizeformat(largest)}, code="too_large"
        )
    try:
        name = annex_name(file.name or "")
    except AnnexWrong as wrong:
        raise forms.ValidationError(str(wrong), code="name") from wrong
    file.seek(0)
    media_type: str = magic.from_buffer(file.read(_HEAD), mime=True)
    file.seek(0)
    return Sent(name=name, media_type=media_type[:100], size=size, content=file.file or file)  # type: ignore[arg-type]


class _Told:
    """The help of a field with the limit, in the language of the page, not of the start."""

    def __init__(self, said: Any, largest: int) -> None:
        self.said, self.largest = said, largest

    def __str__(self) -> str:
        limit = _("At most %(size)s.") % {"size": filesizeformat(self.largest)}
        return f"{self.said} {limit}" if self.said else limit
