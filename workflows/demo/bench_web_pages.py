"""Which pages are measured, for whom, against what, and how: in turns of one run, over real connections."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.reference.models import Authority
from workflows.demo.bench import BenchFailed
from workflows.demo.bench_http import Answer, Browser, form_of
from workflows.demo.people import Cast, officer
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

TRIVIAL, TRIVIAL_PAGE, BARE = "a trivial view", "a trivial page in the frame", "a bare list of 50 rows"
#: A list page costs at most so many times the bare list, a section and a save so many times the trivial page.
LISTS, SECTIONS = 2.0, 3.0
MOST_QUERIES = 12
FIRST_VISIT, LATER_PAGE = 300_000, 60_000
COUNT = "X-Count-Queries"


@dataclass
class Target:
    """One page. `most`: how many times `against` it may cost at the 95th percentile; 0 where nothing is asked."""

    name: str
    who: str
    ask: Callable[[Browser, dict[str, str]], Answer]
    against: str = BARE
    most: float = LISTS
    most_queries: int = MOST_QUERIES
    seconds: list[float] = field(default_factory=list)
    queries: int = 0
    transferred: int = 0


def page(path: str) -> Callable[[Browser, dict[str, str]], Answer]:
    return lambda browser, headers: browser.get(path, **headers)


def saving(path: str) -> Callable[[Browser, dict[str, str]], Answer]:
    """Change one answer of a section, quietly as its script does; reading the page before is not timed."""

    def ask(browser: Browser, headers: dict[str, str]) -> Answer:
        form = form_of(browser.get(path).text, "letter-form")
        if "proceedings__stage" not in form:
            raise BenchFailed(f"{path} has no form of a letter")
        form["proceedings__stage"] = [f"Trial is prepared, {random.getrandbits(60)}."]
        answer = browser.post(path, form, **{"HX-Request": "true"} | headers)
        if "proceedings__stage" not in answer.text:
            raise BenchFailed("the answer was not saved")
        return answer

    return ask


def key_of(row: OutgoingRequest | IncomingRequest) -> str:
    moment = (row.changed_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return f"{moment}.{row.pk}"


def people(cast: Cast) -> dict[str, Actor]:
    """Return the officers whose pages are asked."""
    return {
        "drafter": cast.drafter(),
        "desk": cast.desk(),
        "supervisor": cast.supervisor(),
        "registry": cast.registry(),
        "auditor": officer(Role.AUDITOR, cast.central),
        "administrator": officer(Role.LOCAL_ADMINISTRATOR, cast.central),
        "their desk": officer(Role.DESK_OFFICER, cast.receiver),
        "their registry": officer(Role.REGISTRY, cast.receiver),
    }


def targets(draft: OutgoingRequest, sent: OutgoingRequest, offices: tuple[Authority, Authority]) -> list[Target]:
    """Return what is measured: what is compared with first, then every list, a section, a save, a case."""
    out = OutgoingRequest.objects.filter(central=offices[0])
    came = IncomingRequest.objects.filter(authority=offices[1])
    far_out = key_of(out.order_by("changed_at", "id")[400])
    far_in = key_of(came.order_by("changed_at", "id")[400])
    old_out, old_in = out.order_by("id")[400].pk, came.order_by("id")[400].pk
    arrived = came.get(conversation_id=sent.conversation_id)
    letter = f"/out/{draft.public_id}/letter/"
    measure = sent.items.order_by("id").values_list("measure", flat=True)[0]
    free: dict[str, Any] = {"against": TRIVIAL_PAGE, "most": 0.0}
    section: dict[str, Any] = {"against": TRIVIAL_PAGE, "most": SECTIONS}
    return [
        Target(TRIVIAL, "desk", page("/bench/trivial"), most=0.0),
        Target(TRIVIAL_PAGE, "desk", page("/bench/page"), most=0.0),
        Target(BARE, "desk", page("/bench/list"), most=0.0),
        Target("requests out", "desk", page("/out/")),
        Target("requests out, far back", "desk", page(f"/out/?after={far_out}")),
        Target("requests out, oldest first", "desk", page("/out/?order=oldest")),
        Target("requests out, one status", "desk", page("/out/?status=sent")),
        Target("requests out, one measure", "desk", page(f"/out/?measure={measure}")),
        Target("requests out, waiting for me", "desk", page("/out/?waiting=on")),
        Target("requests out, overdue", "desk", page("/out/?overdue=on"), most=0.0),
        Target("requests in", "their desk", page("/in/")),
        Target("requests in, far back", "their desk", page(f"/in/?after={far_in}")),
        Target("requests in, waiting for me", "their desk", page("/in/?waiting=on")),
        Target("worklist, out", "desk", page("/")),
        Target("worklist, out, far back", "desk", page(f"/?out={old_out}")),
        Target("worklist, in", "their desk", page("/")),
        Target("worklist, in, far back", "their desk", page(f"/?in={old_in}")),
        Target("intake", "desk", page("/intake/")),
        Target("review", "supervisor", page("/review/")),
        Target("registry: to send", "registry", page("/registry/?group=ready")),
        Target("registry: not acknowledged", "registry", page("/registry/?group=waiting")),
        Target("registry: stuck", "registry", page("/registry/?group=stuck")),
        Target("registry: by hand", "registry", page("/registry/?group=receipts")),
        Target("registry: arrived", "their registry", page("/registry/?group=arrived")),
        Target("search: a word of few, out", "desk", page("/search?q=needle")),
        Target("search: a word of all, out", "desk", page("/search?q=common")),
        Target("search: a word of few, in", "their desk", page("/search?q=needle")),
        Target("search: a word of all, in", "their desk", page("/search?q=common")),
        Target("search: a reference", "desk", page("/search?q=B-77")),
        Target("effects", "administrator", page("/jobs/")),
        Target("effects, done", "administrator", page("/jobs/?show=done")),
        Target("record", "auditor", page("/audit/")),
        Target("letter: its tasks", "drafter", page(letter), **section),
        Target("letter: a section", "drafter", page(f"{letter}proceedings/"), **section),
        Target("letter: authorities", "drafter", page(f"{letter}authorities/"), **section),
        Target("letter: saving an answer", "drafter", saving(f"{letter}proceedings/"), **section),
        # As the browser asks for it: the letter is written out anew, which the save does not wait for.
        Target("letter: how it reads, after the save", "drafter", page(f"{letter}proceedings/?paragraphs=1"), **free),
        Target("case, out", "supervisor", page(f"/out/{sent.public_id}/"), **free, most_queries=18),
        Target("case, in", "their desk", page(f"/in/{arrived.public_id}/"), **free, most_queries=17),
    ]


def measure(
    found: list[Target], browsers: dict[str, Browser], rounds: int, longest: float, say: Callable[[str], None]
) -> None:
    """Ask every page in turn, `rounds` times; twice before that, untimed, the second time for its queries.

    The first asking also reads what a process keeps (law, profiles); the tests of the pages count that.

    After `longest` seconds no further round begins; the results say how often each page was asked.
    """
    for target in found:
        target.ask(browsers[target.who], {})
        answer = target.ask(browsers[target.who], {COUNT: "1"})
        if answer.status != 200:
            raise BenchFailed(f"{target.name}: {answer.status} {answer.text[:200]}")
        target.queries = int(answer.headers.get(COUNT, "0"))
    began = time.monotonic()
    for number in range(rounds):
        if number and time.monotonic() - began > longest:
            say(f"ended after {number} rounds")
            break
        for target in found:
            # Of a page of seconds no hundred are needed; what it is compared with is asked each time.
            if len(target.seconds) >= 10 and statistics.median(target.seconds) > 1.0:
                continue
            answer = target.ask(browsers[target.who], {})
            if answer.status != 200:
                raise BenchFailed(f"{target.name}: {answer.status}")
            target.seconds.append(answer.seconds)
            target.transferred = answer.transferred
        if number % 10 == 9:
            say(f"round {number + 1} of {rounds}, {time.monotonic() - began:.0f} s")


def centile(seconds: list[float], part: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


def first_visit(browser: Browser) -> dict[str, int]:
    """Return the bytes of a page with everything that it loads, as a browser that was never here receives them."""
    answer = browser.get("/out/")
    files = {path: browser.get(path) for path in answer.assets}
    wrong = [path for path, file in files.items() if file.status != 200]
    if wrong or not files:
        raise BenchFailed(f"not served: {', '.join(wrong) or 'no file of the page'}")
    return {"/out/": answer.transferred} | {path: file.transferred for path, file in files.items()}


def results(found: list[Target]) -> list[dict[str, Any]]:
    """Return each page's figures, its ratio to what it is compared with, and what it is over."""
    by_name = {target.name: target for target in found}
    rows = []
    for target in found:
        p95, floor = centile(target.seconds, 0.95), by_name[target.against]
        ratio = p95 / centile(floor.seconds, 0.95)
        plain = p95 / centile(by_name[TRIVIAL].seconds, 0.95)
        over = []
        if target.most and ratio > target.most:
            over.append(f"{ratio:.1f} times, at most {target.most:.0f}")
        if target.queries > target.most_queries:
            over.append(f"{target.queries} queries, at most {target.most_queries}")
        if target.transferred > LATER_PAGE:
            over.append(f"{target.transferred} bytes, at most {LATER_PAGE}")
        rows.append({
            "page": target.name, "p50_ms": round(centile(target.seconds, 0.5), 1), "p95_ms": round(p95, 1),
            "against": target.against, "ratio": round(ratio, 2), "to_trivial_view": round(plain, 2),
            "most": target.most, "queries": target.queries, "bytes": target.transferred,
            "asked": len(target.seconds), "over": over,
        })  # fmt: skip
    return rows
