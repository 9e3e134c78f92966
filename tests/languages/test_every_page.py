"""Every page that anybody can reach, in the pseudo-language: nothing is said that no translator gets.

A failure names the page, the place on it and the text. Put the text through gettext, in a whole sentence; where it
is data of a case, set it in <bdi>, and where it is a word of no language, mark it with translate="no".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from mla.accounts.models import User
from tests.browser.crawling import Found, crawl
from tests.browser.world import World, build_world
from tests.languages import pseudo
from tests.languages.data import known_data
from tests.languages.said import Judge
from tests.web.conftest import signed_in
from tests.web.matrix import undone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """In place of pytest-django's own: the tests of the module share one world, which `reader` rolls back."""


@dataclass
class Reader:
    """What was read of the house, and what of it is in plain letters: page and place by text."""

    world: World
    judge: Judge
    pages: list[Found] = field(default_factory=list)
    plain: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def read(self, route: str, html: str) -> None:
        for said in self.judge.untranslated(html):
            self.plain.setdefault(said.text.strip(), f"{route}: {said.place}")

    def told(self) -> str:
        return "\n".join(f"{place}: {text[:200]}" for text, place in sorted(self.plain.items(), key=lambda one: one[1]))

    def client(self, who: str, **options: Any) -> Client:
        actor = self.world.people.get(who)
        options = {"raise_request_exception": False, "headers": {"Accept-Language": "fr"}} | options
        return signed_in(actor, **options) if actor else Client(**options)


@pytest.fixture(scope="module")
def reader(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The whole house, read once by following every link as every person; rolled back at the end."""
    with django_db_blocker.unblock(), pseudo.spoken(tmp_path_factory.mktemp("locale"), "fr"):
        with transaction.atomic():
            cache.clear()
            found = Reader(build_world(stories=False), Judge([]))
            User.objects.update(language="fr")
            found.judge = Judge(known_data())

            def reading(page: Found, html: str) -> None:
                found.read(page.route, html)

            crawled = crawl({"": None, **found.world.people}, reading=reading, language="fr", each=1)
            assert not crawled.failures, crawled.failures
            found.pages = crawled.pages
            yield found
            transaction.set_rollback(True)
        connection.close()


def test_page_says_nothing_that_a_translator_does_not_get(reader: Reader) -> None:
    assert len({found.route for found in reader.pages}) > 100, "the crawl did not reach the house"
    assert not reader.plain, reader.told()


def test_refusal_and_empty_form_say_nothing_that_a_translator_does_not_get(reader: Reader) -> None:
    """Every page is posted to with nothing filled in; what is done is undone."""
    reader.plain.clear()
    answered: dict[int, int] = {}
    clients: dict[str, Client] = {}
    posted: dict[str, int] = {}
    for found in reader.pages:
        # Two people's answers of each form: one may do it, another perhaps not.
        posted[found.route] = posted.get(found.route, 0) + 1
        if posted[found.route] > 2:
            continue
        client = clients.setdefault(found.who, reader.client(found.who))
        with undone():
            answer = client.post(found.address)
        answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
        if answer.status_code != 405 and answer["Content-Type"].startswith("text/html"):
            reader.read(f"POST {found.route}", answer.content.decode())
            assert answer.status_code != 500, found
    assert answered[422] > 20, answered
    assert not reader.plain, reader.told()


def test_error_says_nothing_that_a_translator_does_not_get(reader: Reader) -> None:
    reader.plain.clear()
    client = reader.client("desk")
    nobody = reader.client("")
    for address in ("/no/such/page", "/out/00000000-0000-7000-8000-000000000000/"):
        answer = client.get(address)
        assert answer.status_code == 404
        reader.read(address, answer.content.decode())
    for error in (ValueError(), OperationalError()):
        with mock.patch("workflows.web.views.helping.render", side_effect=error):
            answer = client.get("/help/")
        assert answer.status_code in (500, 503)
        reader.read(f"{error!r}", answer.content.decode())
    strict = reader.client("desk", enforce_csrf_checks=True)
    answer = strict.post("/hat", {"hat": "1"})
    assert answer.status_code == 403
    reader.read("csrf", answer.content.decode())
    answer = nobody.get(reverse("account_login"))
    assert "⟦" in answer.content.decode()
    assert not reader.plain, reader.told()


@override_settings(PASSWORD_RESET_BY_MAIL=True)
def test_mail_says_nothing_that_a_translator_does_not_get(reader: Reader) -> None:
    reader.plain.clear()
    mail.outbox.clear()
    user = User.objects.get(pk=reader.world.people["desk"].user_id)  # type: ignore[union-attr]
    user.set_password("a long pass phrase 7")
    user.email = "clerk@example.net"
    user.save()
    client = reader.client("")
    for address in (user.email, "nobody@example.net"):
        client.post(reverse("account_reset_password"), {"email": address})
    assert len(mail.outbox) == 2
    for sent in mail.outbox:
        assert "⟦" in sent.subject and "⟦" in sent.body
        reader.read("mail", f"<html><body><h1>{sent.subject}</h1><p>{sent.body}</p></body></html>")
    assert not reader.plain, reader.told()
