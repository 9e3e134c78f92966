"""A file that is finished twice at once, on two connections, becomes one annex."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.reference.models import Authority
from tests.drafting.letters import letter as content
from tests.drafting.test_annex_looks import stored
from tests.factories import officer
from workflows.drafting import services, services_uploads
from workflows.drafting.models import Annex
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.selectors import current_version
from workflows.drafting.services_uploads import upload_begin, upload_finish, upload_take, uploads_sweep

pytestmark = pytest.mark.django_db(transaction=True)


class Whole:
    """A file that is here to its end, and the ways to finish it."""

    def __init__(self) -> None:
        self.by = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")
        authority = Authority.objects.get(pk=self.by.authority_id)
        self.letter = services.letter_create(content=content(), authority=authority, by=self.by)
        self.data = f"The record of the bank, {uuid4()}, twice.\n".encode()
        self.before = stored()
        self.upload = self.begun()
        self.told: list[object] = []

    def begun(self) -> AnnexUpload:
        said = {"name": "record.txt", "size": len(self.data), "sha256": hashlib.sha256(self.data).hexdigest()}
        upload = upload_begin(letter=self.letter, by=self.by, **said)  # type: ignore[arg-type]
        return upload if upload.received else upload_take(upload=upload, by=self.by, offset=0, piece=self.data)

    def finish(self) -> None:
        try:
            self.told.append(upload_finish(upload=self.upload, by=self.by))
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
        """Require one annex, one refusal, and nothing left on the way."""
        assert sorted(type(one).__name__ for one in self.told) == ["AccessDenied", "Annex"], self.told
        assert len(current_version(self.letter).content["annexes"]) == Annex.objects.count() == 1
        assert not AnnexUpload.objects.exists() and len(stored() - self.before) == 1


def test_the_second_comes_when_the_annex_is_there_and_the_pieces_are_not_yet_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, remove = Whole(), services_uploads._remove

    def later(upload: AnnexUpload) -> bool:
        monkeypatch.setattr(services_uploads, "_remove", remove)
        whole.on_another_connection().join()
        return remove(upload)

    monkeypatch.setattr(services_uploads, "_remove", later)
    whole.finish()
    whole.once()


def test_both_have_put_it_together_when_the_first_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, both = Whole(), threading.Barrier(2, timeout=30)
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


def test_both_read_the_letter_before_either_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, both = Whole(), threading.Barrier(2, timeout=30)
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


def test_what_died_before_its_pieces_were_away_is_swept_and_can_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Whole()
    monkeypatch.setattr(services_uploads, "_remove", lambda _upload: (_ for _ in ()).throw(OSError("died")))
    whole.finish()
    monkeypatch.undo()
    assert isinstance(whole.told[0], OSError) and Annex.objects.count() == 1
    left = AnnexUpload.objects.get()
    with pytest.raises(AccessDenied):
        upload_finish(upload=left, by=whole.by)
    assert whole.begun().pk != left.pk, "the same file again, as another annex"
    AnnexUpload.objects.filter(pk=left.pk).update(changed_at=left.changed_at - services_uploads.KEPT_FOR * 2)
    assert uploads_sweep() == 1 and AnnexUpload.objects.count() == 1
