"""Facts that a person of an authority records: sourced, audited, kept by every later load."""

from __future__ import annotations

from datetime import date

import pytest

from mla.audit.models import AuditEntry
from mla.audit.services import Who
from mla.reference.errors import ReferenceEditRefused
from mla.reference.models import Authority, Instrument, Jurisdiction, Participation
from mla.reference.services import bilateral_add, participation_record, reference_load

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Who:
    return Who("user", "1", "Officer A", "local_administrator", Authority.objects.get(code="de-central").pk)


def _state(code: str) -> Jurisdiction:
    return Jurisdiction.objects.get(code=code)


def test_a_participation_recorded_here_is_kept_and_one_without_source_is_refused(by: Who) -> None:
    budapest = Instrument.objects.get(code="CETS-185")
    values = {"status": "party", "in_force_date": date(2027, 1, 1), "source": "depositary, read by a person"}
    row = participation_record(instrument=budapest, jurisdiction=_state("ZA"), by=by, values=values)
    assert row.edited_at
    assert row.to_be_confirmed
    reference_load()
    row.refresh_from_db()
    assert (row.status, row.in_force_date) == ("party", date(2027, 1, 1))
    entry = AuditEntry.objects.get(act="participation.record")
    assert (entry.authority_id, entry.object_id) == (by.authority_id, "CETS-185/ZA")
    for wrong in (
        {"status": "party"},
        {"status": "perhaps", "source": "a person"},
        {"status": "party", "source": "a person", "origin": "shipped"},
    ):
        with pytest.raises(ReferenceEditRefused):
            participation_record(instrument=budapest, jurisdiction=_state("XK"), by=by, values=wrong)
    assert not Participation.objects.filter(instrument=budapest, jurisdiction__code="XK").exists()
    assert AuditEntry.objects.filter(act="participation.record").count() == 1


def test_no_edit_without_an_authority_to_audit_it_at() -> None:
    nobody = Who("user", "1", "Officer A")
    budapest = Instrument.objects.get(code="CETS-185")
    with pytest.raises(ReferenceEditRefused, match="hat"):
        participation_record(
            instrument=budapest, jurisdiction=_state("XK"), by=nobody, values={"status": "party", "source": "a person"}
        )
    assert not Participation.objects.filter(instrument=budapest, jurisdiction__code="XK").exists()


def test_a_bilateral_treaty_added_here_survives_a_load_and_a_second_of_its_code_is_refused(by: Who) -> None:
    facts = {
        "code": "DE-XX-TEST", "short_name": "Test treaty", "full_title": "Treaty for a test", "in_force": date(2001, 2, 3),
        "source": "official gazette, read by a person", "as_of": "2026-11-01", "by": by,
    }  # fmt: skip
    parties = (_state("DE"), _state("AL"))
    instrument = bilateral_add(parties=parties, **facts)  # type: ignore[arg-type]
    reference_load()
    instrument.refresh_from_db()
    assert instrument.rules["parties"] == ["AL", "DE"]
    assert instrument.participations.count() == 2
    for wrong in (
        facts,
        facts | {"code": "de/al"},
        facts | {"code": "DE-AL-2", "source": " "},
        facts | {"code": "DE-AL-2", "rules": {"scope": []}},
    ):
        with pytest.raises(ReferenceEditRefused):
            bilateral_add(parties=parties, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ReferenceEditRefused, match="two parties"):
        bilateral_add(parties=(parties[0], parties[0]), **(facts | {"code": "DE-DE-1"}))  # type: ignore[arg-type]
    assert Instrument.objects.filter(kind="bilateral", origin="added").count() == 1
