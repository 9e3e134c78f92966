"""What both sides' acts on the ledger of evidence and on undertakings write."""

from __future__ import annotations

from typing import Any

from django.db import models

from workflows.engine.machine import Doing, Effects
from workflows.lifecycle.ledger import letter_of
from workflows.lifecycle.models.ledger import ExhibitOrigin, Transfer, TransferFile, UseAccount
from workflows.lifecycle.models.rows import CustodyEntry, Evidence
from workflows.lifecycle.models.undertakings import BoundCase, Undertaking, of_letter, undertaking_rows


class LedgerCase(BoundCase):
    """The bodies that differ by nothing but the side."""

    class Meta:
        abstract = True

    def assured(self, doing: Doing) -> list[models.Model]:
        """Return what the letter assures from its sending, or its registration, on; unsaved."""
        return self._undertaken(of_letter(self, doing, letter_of(self)))

    def _origins(self, doing: Doing, files: list[Evidence], origin: dict[str, Any]) -> Effects:
        rows: list[models.Model] = [
            ExhibitOrigin(evidence=file, by=doing.by.label, at=doing.at, **origin) for file in files
        ]
        return Effects(rows=rows, detail={"evidence": _named(files)})

    def _custody(self, doing: Doing, checked: list[tuple[Evidence, str]], step: str, **told: Any) -> Effects:
        """`checked`: each file with the hash that was computed from what is stored; one that differs is said to."""
        rows: list[models.Model] = []
        for file, computed in checked:
            rows.append(
                CustodyEntry(
                    evidence=file, step=step, by=doing.by.label, at=doing.at, sha256=computed or file.sha256, **told
                )
            )
            if computed and computed != file.sha256:
                rows.append(
                    CustodyEntry(
                        evidence=file,
                        step=CustodyEntry.Step.DISCREPANT,
                        by=doing.by.label,
                        at=doing.at,
                        sha256=computed,
                    )
                )
        return Effects(rows=rows, detail={"step": str(step), "evidence": _named([file for file, _sha in checked])})

    def _handed_on(self, doing: Doing, files: list[Evidence], **told: Any) -> Effects:
        case: Any = self
        transfer = Transfer(authority_id=case.authority_id, by=doing.by.label, at=doing.at, **{case.KIND: case}, **told)
        rows: list[models.Model] = [transfer]
        for file in files:
            rows.append(TransferFile(transfer=transfer, evidence=file))
            rows.append(
                CustodyEntry(
                    evidence=file,
                    step=CustodyEntry.Step.HANDED_ON,
                    by=doing.by.label,
                    at=doing.at,
                    to_whom=told["recipient"],
                    sha256=file.sha256,
                )
            )
        detail: dict[str, Any] = {"transfer": str(transfer.transfer_id), "evidence": _named(files)}
        if transfer.consent is not None:
            detail["consent"] = str(transfer.consent.use_id)
        return Effects(rows=rows, detail=detail)

    def _account(self, **told: Any) -> UseAccount:
        case: Any = self
        return UseAccount(authority_id=case.authority_id, **{case.KIND: case}, **told)

    def _undertake(self, doing: Doing, files: list[Evidence], told: dict[str, Any]) -> Effects:
        rows = undertaking_rows(self, doing, files=files, source=Undertaking.Source.BY_HAND, **told)
        named = str(rows[0].undertaking_id)  # type: ignore[attr-defined]
        return Effects(rows=self._undertaken(rows), detail={"undertaking": named}, article=told.get("article", ""))

    def _settle(self, doing: Doing, row: Undertaking, *, state: str, on: Any, words: str) -> Effects:
        row.settled(doing, state=state, on=on or doing.at.date(), words=words)
        self._undertakings_changed([row])
        detail = {"undertaking": str(row.undertaking_id), "state": str(state)}
        return Effects(changed=[row], detail=detail, reason_code=str(state), reason=words, article=row.article)


def _named(files: list[Evidence]) -> list[str]:
    return [str(file.public_id) for file in files]
