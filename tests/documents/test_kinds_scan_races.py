"""Two scans of one print at the same moment: one becomes the document, the other person is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mla.audit.models import AuditEntry
from mla.core.files import file_read
from mla.reference.models import Authority
from tests.documents.test_signing_job import scan
from tests.engine.racing import at_once, committed, overlapping
from tests.factories import Line, drain, example_letter
from tests.invariants import assert_invariants
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.documents.services_signing import case_document_attach_scan
from workflows.engine.errors import ConditionsNotMet

__all__ = ["committed"]


@pytest.fixture(scope="module", autouse=True)
def kept(committed: None) -> Iterator[None]:
    yield


@pytest.fixture(scope="module")
def line(kept: None) -> Line:
    return Line(letter=example_letter(5))


def waiting(line: Line) -> CaseDocument:
    case = line.sent()
    Authority.objects.filter(pk=case.central_id).update(signing_method="wet_ink")
    said = {"text": "Used in these proceedings alone.", "given_by": "The prosecutor"}
    row = document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=said)
    drain()
    Authority.objects.filter(pk=case.central_id).update(signing_method="certificate")
    return CaseDocument.objects.get(pk=row.pk)


@pytest.mark.parametrize("same", [True, False], ids=["the same file", "two files"])
def test_of_two_scans_at_once_one_is_the_document(line: Line, same: bool) -> None:
    row = waiting(line)
    one = scan(1)
    other = one if same else scan(2)
    first, second = overlapping(
        lambda: case_document_attach_scan(document=row, by=line.registry, content=one),
        lambda: case_document_attach_scan(document=row, by=line.desk, content=other),
    )
    assert isinstance(first, CaseDocument), first
    assert isinstance(second, ConditionsNotMet), second
    assert all(reason.message for reason in second.reasons)
    now = CaseDocument.objects.get(pk=row.pk)
    assert (now.status, now.sha256, now.pages, now.version) == ("ready", first.sha256, 1, row.version + 1)
    assert file_read(now.sha256) == one
    done = AuditEntry.objects.filter(act="case_document.attach_scan", outcome="done", object_id=str(row.public_id))
    assert done.count() == 1
    assert_invariants()


def test_of_many_presses_at_one_moment_one_counts(line: Line) -> None:
    row = waiting(line)
    works = [
        lambda pages=pages: case_document_attach_scan(document=row, by=line.registry, content=scan(pages))
        for pages in (1, 2, 3, 4)
    ]
    results = at_once(*works)
    [done] = [one for one in results if isinstance(one, CaseDocument)]
    assert sum(isinstance(one, ConditionsNotMet) for one in results) == 3
    assert CaseDocument.objects.get(pk=row.pk).sha256 == done.sha256
