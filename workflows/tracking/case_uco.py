"""The ledger of a case as JSON-LD, shaped after CASE and UCO (https://caseontology.org). Pure.

Shaped after: the names of classes and properties are taken from those ontologies as we know them. No conformance is
claimed; nothing was validated against their shapes. Files themselves are not in it: they are named by their hash.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

from workflows.lifecycle.models import CustodyEntry, Transfer, Undertaking
from workflows.tracking.cases import Case
from workflows.tracking.ledger import Exhibit

NOTE = (
    "Shaped after CASE/UCO (https://caseontology.org); no conformance is claimed and nothing was validated against it."
)
CONTEXT = {
    "kb": "http://example.org/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "uco-vocabulary": "https://ontology.unifiedcyberontology.org/uco/vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Node = dict[str, Any]


def ledger_graph(
    case: Case,
    exhibits: Iterable[Exhibit],
    *,
    undertakings: Sequence[Undertaking],
    transfers: Sequence[Transfer],
    at: dt.datetime,
) -> Node:
    """Return the document. `at` (aware): when it is made; all instants in it are UTC."""
    built = _Graph(case)
    for exhibit in exhibits:
        built.exhibit(exhibit)
    for transfer in transfers:
        built.transfer(transfer)
    for one in undertakings:
        built.undertaking(one)
    investigation: Node = {
        "@id": _id("investigation", case.public_id),
        "@type": "case-investigation:Investigation",
        "uco-core:name": str(case),
        "uco-core:object": [{"@id": node["@id"]} for node in built.nodes],
    }
    bundle: Node = {
        "@id": _id("bundle", case.public_id),
        "@type": "uco-core:Bundle",
        "uco-core:description": NOTE,
        "uco-core:objectCreatedTime": _instant(at),
        "uco-core:object": [{"@id": investigation["@id"]}, *investigation["uco-core:object"]],
    }
    return {"@context": CONTEXT, "@graph": [bundle, investigation, *built.nodes]}


class _Graph:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.nodes: list[Node] = []
        self.known: dict[str, str] = {}

    def identity(self, name: str) -> Node:
        """Return the reference to a person or office by its name; the same name is the same identity."""
        if name not in self.known:
            self.known[name] = _id("identity", uuid5(self.case.public_id, f"identity {name}"))
            self.nodes.append({"@id": self.known[name], "@type": "uco-identity:Identity", "uco-core:name": name})
        return {"@id": self.known[name]}

    def exhibit(self, exhibit: Exhibit) -> None:
        file, origin = exhibit.file, exhibit.origin
        this = {"@id": _id("evidence", file.public_id)}
        self.nodes.append(
            this
            | {
                "@type": "uco-observable:ObservableObject",
                "uco-core:description": file.description,
                "uco-core:hasFacet": [
                    {
                        "@id": _id("file-facet", file.public_id),
                        "@type": "uco-observable:FileFacet",
                        "uco-observable:fileName": file.name,
                        "uco-observable:sizeInBytes": _typed("xsd:integer", str(file.size)),
                    },
                    {
                        "@id": _id("content-facet", file.public_id),
                        "@type": "uco-observable:ContentDataFacet",
                        "uco-observable:mimeType": file.media_type,
                        "uco-observable:hash": [_hash(file.sha256)],
                    },
                ],
            }
        )
        record: Node = {
            "@id": _id("provenance", file.public_id),
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": str(exhibit.number),
            "uco-core:object": [this],
        }
        if origin is not None:
            record["uco-core:description"] = "; ".join(filter(None, [origin.form, origin.obtained_from, origin.how]))
            acquired: Node = {
                "@id": _id("acquisition", file.public_id),
                "@type": "case-investigation:InvestigativeAction",
                "uco-core:name": "acquisition",
                "uco-action:result": [this, {"@id": record["@id"]}],
            }
            if origin.obtained_by:
                acquired["uco-action:performer"] = self.identity(origin.obtained_by)
            if origin.acquired_at is not None:
                acquired["uco-action:startTime"] = _instant(origin.acquired_at)
            if origin.tool:
                tool = _id("tool", uuid5(self.case.public_id, f"tool {origin.tool}"))
                if not any(node["@id"] == tool for node in self.nodes):
                    self.nodes.append({"@id": tool, "@type": "uco-tool:Tool", "uco-core:name": origin.tool})
                acquired["uco-action:instrument"] = [{"@id": tool}]
            self.nodes.append(acquired)
        self.nodes.append(record)
        for entry in exhibit.custody:
            self.step(entry, this, {"@id": record["@id"]})

    def step(self, entry: CustodyEntry, file: Node, record: Node) -> None:
        action: Node = {
            "@id": _id("custody", uuid5(self.case.public_id, f"custody {entry.pk}")),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": entry.step,
            "uco-action:startTime": _instant(entry.when),
            "uco-action:performer": self.identity(entry.by),
            "uco-action:object": [file, record],
            "uco-core:description": entry.note,
            # The hash that was found at this step: another one than the file's is a discrepancy.
            "uco-types:hash": [_hash(entry.sha256)],
        }
        named = [self.identity(name) for name in (entry.from_whom, entry.to_whom) if name]
        if named:
            action["uco-action:participant"] = named
        self.nodes.append(action)

    def transfer(self, transfer: Transfer) -> None:
        for file in transfer.files.all():
            self.nodes.append(
                {
                    "@id": _id("transfer", uuid5(transfer.transfer_id, str(file.public_id))),
                    "@type": "uco-core:Relationship",
                    "uco-core:source": {"@id": _id("evidence", file.public_id)},
                    "uco-core:target": self.identity(transfer.recipient),
                    "uco-core:kindOfRelationship": "Handed_On_To",
                    "uco-core:isDirectional": _typed("xsd:boolean", "true"),
                    "uco-core:description": transfer.purpose,
                    "uco-core:startTime": _typed("xsd:date", transfer.on.isoformat()),
                }
            )

    def undertaking(self, one: Undertaking) -> None:
        files = [{"@id": _id("evidence", file.public_id)} for file in one.files.all()]
        whole = [{"@id": _id("investigation", self.case.public_id)}]
        self.nodes.append(
            {
                "@id": _id("undertaking", one.undertaking_id),
                "@type": "uco-core:Annotation",
                "uco-core:name": one.kind,
                "uco-core:statement": [one.words],
                "uco-core:object": files or whole,
                "uco-core:description": "; ".join(filter(None, [one.state, one.article, one.given_by, one.given_to])),
            }
        )


def _id(kind: str, public_id: UUID) -> str:
    return f"kb:{kind}-{public_id}"


def _hash(sha256: str) -> Node:
    return {
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": _typed("uco-vocabulary:HashNameVocab", "SHA256"),
        "uco-types:hashValue": _typed("xsd:hexBinary", sha256),
    }


def _typed(name: str, value: str) -> Node:
    return {"@type": name, "@value": value}


def _instant(moment: dt.datetime) -> Node:
    return _typed("xsd:dateTime", moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"))
