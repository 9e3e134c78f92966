"""A preservation on the pages of both sides: recorded by hand with proof, kept, extended, and what the section says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core import clock
from tests.factories import drain
from tests.tracking.lives import preservation_line
from tests.web.conftest import day, signed_in
from tests.web.test_act_screens import proven
from workflows.lifecycle.models import OutgoingRequest, PreservationIn, PreservationOut
from workflows.web.acts import screens
from workflows.web.keeping import bar_of

pytestmark = pytest.mark.django_db


def do(row: Any, act: str) -> str:
    return f"/{row.KIND}/{row.public_id}/do/{act}"


def page_of(client: Any, row: Any) -> str:
    way = "out" if row.KIND == "preservation_out" else "in"
    text: str = client.get(f"/{way}/{row.case.public_id}/").content.decode()
    return text


def test_data_are_kept_extended_and_released_from_the_pages_of_both_sides() -> None:
    line = preservation_line()
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    ours = PreservationOut.objects.get(item__outgoing=outgoing)
    theirs = PreservationIn.objects.get(item__incoming=incoming)
    desk = signed_in(line.their_supervisor)
    page = page_of(desk, theirs)
    assert "served on the provider" in page and do(theirs, "preserve") in page and "Nothing is held" in page
    served = desk.post(do(theirs, "serve"), {"on": day(3), "whom": "Adria Hosting"})
    assert served.status_code == 422 and "in the future" in served.content.decode()
    assert desk.post(do(theirs, "serve"), {"on": day(0), "whom": "Adria Hosting"}).status_code == 302
    form = desk.get(do(theirs, "preserve")).content.decode()
    assert "at least 60 days" in form and "CETS-185 29(7)" in form
    said = {"preserved_from": day(0), "until": day(20), "extent": "all", "reference": "T-7"}
    short = desk.post(do(theirs, "preserve"), said)
    assert short.status_code == 422 and "say why it is less" in short.content.decode()
    assert desk.post(do(theirs, "preserve"), said | {"words": "Our law allows no more."}).status_code == 302
    drain()
    ours.refresh_from_db()
    assert (ours.status, ours.words) == ("preserved", "Our law allows no more.")
    supervisor, officer = signed_in(line.supervisor), signed_in(line.desk)
    page = page_of(supervisor, ours)
    assert "Send the request by" in page and "Shorter than the treaty" in page and "T-7" in page and "<svg" in page
    assert "The data are kept" not in page and do(ours, "release") in page and do(ours, "lapse") not in page
    wish = {"until": day(10), "reason": "The court sits in May."}
    assert "ends later" in officer.post(do(ours, "ask_extension"), wish).content.decode()
    assert officer.post(do(ours, "ask_extension"), wish | {"until": day(90)}).status_code == 302
    drain()
    assert "The court sits in May." in page_of(desk, theirs)
    assert day(90) in desk.get(do(theirs, "extend")).content.decode(), "the day wished stands in the form"
    assert desk.post(do(theirs, "extend"), {"until": day(80)}).status_code == 302
    drain()
    page = page_of(supervisor, ours)
    assert "now until" in page and "Granted" in page and "Shorter than the treaty" not in page
    assert supervisor.post(do(ours, "release"), {"reason": ""}).status_code == 422
    assert supervisor.post(do(ours, "release"), {"reason": "No longer needed."}).status_code == 302
    drain()
    assert "No longer needed." in page_of(desk, theirs)
    stranger = signed_in(line.their_supervisor)
    assert stranger.get(do(ours, "release")).status_code == 404


def test_what_came_on_paper_is_recorded_with_proof_and_an_end_that_passed_is_shown() -> None:
    line = preservation_line()
    ours = PreservationOut.objects.get(item__outgoing=line.sent())
    registry = signed_in(line.registry)
    kept = {"preserved_from": day(-90), "until": day(-5), "extent": "part", "reference": "T-9"}
    bare = registry.post(do(ours, "note_preserved"), kept | {"words": "Traffic data."})
    assert bare.status_code == 422 and "Proof" in bare.content.decode()
    unsaid = registry.post(do(ours, "note_preserved"), proven(**kept))
    assert unsaid.status_code == 422 and "which part is kept" in unsaid.content.decode()
    assert registry.post(do(ours, "note_preserved"), proven(**kept, words="Traffic data.")).status_code == 302
    case = OutgoingRequest.objects.get(pk=ours.case.pk)
    assert [one.act for one in case.proofs.all()][-1] == "preservation_out.note_preserved"
    supervisor = signed_in(line.supervisor)
    page = page_of(supervisor, ours)
    assert "Lapsed:" in page and do(ours, "lapse") in page
    assert supervisor.post(do(ours, "lapse"), {}).status_code == 302
    told = proven(provider="Danube Transit", jurisdiction="RO", contact="noc@example.net")
    assert registry.post(do(ours, "note_extension"), proven(until=day(30))).status_code == 302
    assert registry.post(do(ours, "note_provider"), told).status_code == 302
    drafter = signed_in(line.prosecutor)
    assert "Danube Transit" in drafter.get(do(ours, "begin_elsewhere")).content.decode()
    point = str(PreservationOut.objects.get(pk=ours.pk).points[-1].point_id)
    assert drafter.post(do(ours, "begin_elsewhere"), {"point": point}).status_code == 302
    assert OutgoingRequest.objects.count() == 2
    assert "has for another provider" in page_of(drafter, ours)
    forged = drafter.post(do(ours, "begin_elsewhere"), {"point": str(case.public_id)})
    assert forged.status_code == 404


def test_every_act_of_a_person_has_a_screen() -> None:
    from mla.accounts.capabilities import capability_table
    from tests.web.test_act_screens import PEOPLE

    acts = {
        act
        for act, roles in capability_table().items()
        if act.startswith("preservation_") and PEOPLE & {*roles} and not act.endswith(".create")
    }
    assert acts and acts == {f"{kind}.{act}" for kind, act in screens() if kind.startswith("preservation_")}


def test_bar_shows_the_days_in_their_order() -> None:
    class Row:
        def __init__(self, begun: int, until: int) -> None:
            self.preserved_from, self.until = DAY(begun), DAY(until)

    def DAY(number: int) -> dt.date:  # noqa: N802
        return dt.date(2026, 1, 1) + dt.timedelta(days=number)

    rows: Any = [Row(0, 50), Row(0, 100)]
    bar = bar_of(rows, today=DAY(25), send_by=DAY(85))
    assert bar is not None
    assert (bar.x, bar.width, bar.today_x, bar.send_x) == (0, 1000, 250, 850)
    assert bar.extensions == ((DAY(50), 500),)
    assert bar_of([], today=clock.now().date(), send_by=None) is None
    one_day: Any = [Row(0, 0)]
    assert bar_of(one_day, today=DAY(0), send_by=None) is not None
