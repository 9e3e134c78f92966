"""A file that is finished twice at once, on two connections, becomes one annex."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.reference.models import Authority
from tests.drafting.letters import letter as content
from tests.drafting.test_annex_looks import stored
from tests.factories import officer
from workflows.drafting import services, services_uploads
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import Annex
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.selectors import current_version
from workflows.drafting.selectors_uploads import uploads_of
from workflows.drafting.services_uploads import upload_begin, upload_finish, upload_take, uploads_sweep

pytestmark = pytest.mark.django_db(transaction=True)
NEW_OR_IN_PLACE = pytest.mark.parametrize("key", ["", "A1"], ids=["a new annex", "in place of another"])


class Whole:
    """A file that is here to its end, and the ways to finish it."""

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.by = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")
        authority = Authority.objects.get(pk=self.by.authority_id)
        self.letter = services.letter_create(content=content(), authority=authority, by=self.by)
        self.data = f"The record of the bank, {uuid4()}, twice.\n".encode()
        if key:
            services.annex_add(
                letter=self.letter, by=self.by, title="Order", name="order.txt", content=str(uuid4()).encode()
            )
        self.before = stored()
        self.upload = self.begun()
        self.told: list[object] = []
        self.stood = Annex.objects.get().sha256 if key else None

    def begun(self) -> AnnexUpload:
        said = {"name": "record.txt", "size": len(self.data), "sha256": hashlib.sha256(self.data).hexdigest()}
        upload = upload_begin(letter=self.letter, by=self.by, key=self.key, **said)  # type: ignore[arg-type]
        return upload if upload.received else upload_take(upload=upload, by=self.by, offset=0, piece=self.data)

    def finish(self) -> None:
        try:
            self.told.append(upload_finish(upload=self.upload, by=self.by, replacing=self.stood))
        except Exception as error:
            self.told.append(error)

    def on_another_connection(self) -> threading.Thread:
        def finish() -> None:
            try:
                self.finish()
            finally:
                connection.close()

        thread = threading.Thread(target=finish)
        thread.start()
        return thread

    def once(self) -> None:
        """Require one annex, of which both are told, and nothing left on the way."""
        assert [type(one) for one in self.told] == [Annex, Annex] and self.told[0] == self.told[1], self.told
        assert len(current_version(self.letter).content["annexes"]) == Annex.objects.count() == 1
        assert not uploads_of(self.by, self.letter).exists() and len(stored() - self.before) == 1


@NEW_OR_IN_PLACE
def test_the_second_comes_when_the_annex_is_there_and_the_pieces_are_not_yet_away(
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, away = Whole(key), services_uploads._pieces_away

    def later(row: AnnexUpload) -> None:
        monkeypatch.setattr(services_uploads, "_pieces_away", away)
        whole.on_another_connection().join()
        away(row)

    monkeypatch.setattr(services_uploads, "_pieces_away", later)
    whole.finish()
    whole.once()


@NEW_OR_IN_PLACE
def test_both_have_put_it_together_when_the_first_takes_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, both = Whole(key), threading.Barrier(2, timeout=30)
    put_together: Callable[..., str] = services_uploads._put_together

    def together(*args: Any) -> str:
        digest = put_together(*args)
        both.wait()
        return digest

    monkeypatch.setattr(services_uploads, "_put_together", together)
    threads = [whole.on_another_connection(), whole.on_another_connection()]
    for thread in threads:
        thread.join()
    whole.once()


@NEW_OR_IN_PLACE
def test_both_read_the_letter_before_either_wrote(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, both = Whole(key), threading.Barrier(2, timeout=30)
    annex_from = services.annex_from

    def looked(upload: Any) -> Annex:
        annex = annex_from(upload)
        both.wait()
        return annex

    monkeypatch.setattr(services, "annex_from", looked)
    threads = [whole.on_another_connection(), whole.on_another_connection()]
    for thread in threads:
        thread.join()
    whole.once()


@NEW_OR_IN_PLACE
def test_the_pieces_went_while_the_second_put_them_together(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Whole(key)
    put_together: Callable[..., str] = services_uploads._put_together

    def late(*args: Any) -> str:
        monkeypatch.setattr(services_uploads, "_put_together", put_together)
        whole.on_another_connection().join()
        return put_together(*args)

    monkeypatch.setattr(services_uploads, "_put_together", late)
    whole.finish()
    whole.once()


def test_whoever_did_not_hear_the_answer_is_told_the_same_until_the_annex_is_taken_out() -> None:
    whole = Whole()
    for _again in range(3):
        whole.finish()
    assert len({one.pk for one in whole.told if isinstance(one, Annex)}) == 1 and len(whole.told) == 3
    twice = whole.begun()
    assert twice.pk != whole.upload.pk, "the same file sent anew is another annex"
    assert upload_finish(upload=twice, by=whole.by).key == "A2"
    plain = dict(current_version(whole.letter).content)
    plain["annexes"] = [one for one in plain["annexes"] if one["id"] != "A1"]
    services.letter_save(letter=whole.letter, content=letter_from(plain), by=whole.by)
    with pytest.raises(AccessDenied):
        upload_finish(upload=whole.upload, by=whole.by)


def test_pieces_that_could_not_be_taken_away_are_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Whole()

    def broken(_place: str) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(type(default_storage._wrapped), "delete", staticmethod(broken))  # type: ignore[attr-defined]
        whole.finish()
    assert isinstance(whole.told[0], Annex), "it is an annex all the same"
    left = AnnexUpload.objects.get()
    assert left.taken_at is not None and len(stored() - whole.before) == 2
    AnnexUpload.objects.update(changed_at=left.changed_at - services_uploads.KEPT_FOR * 2)
    assert uploads_sweep() == 1 and not AnnexUpload.objects.exists() and len(stored() - whole.before) == 1
