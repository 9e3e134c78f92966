"""A signed letter is believed by verifiers that we did not write, and no changed byte is."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pytest

from tests.documents import signatures
from tests.documents.signatures import VERIFIERS, config, key, levels, tampered, timestamps, unsigned
from workflows.documents import signing
from workflows.documents.signing_keys import (
    KeyPlace,
    SigningConfig,
    SigningNotSetUp,
    TimestampService,
    signing_config,
)
from workflows.documents.verifying import NotReadable, document_check

LEVELS = ("B-B", "B-T", "B-LT")


@pytest.mark.parametrize("verifier", sorted(VERIFIERS))
@pytest.mark.parametrize("level", LEVELS)
def test_others_find_the_signature_valid_and_a_changed_byte(level: str, verifier: str, tmp_path: Path) -> None:
    pdf = levels()[level]
    verify = VERIFIERS[verifier]
    sound = verify(pdf, tmp_path)
    assert sound.sound, sound.said
    broken = verify(tampered(pdf), tmp_path)
    assert not broken.sound, broken.said


@pytest.mark.parametrize("level", LEVELS)
def test_we_tell_signer_level_and_times_and_find_a_changed_byte(level: str) -> None:
    checked = document_check(levels()[level], config().trust)
    [one] = checked.signatures
    assert (one.level, one.intact, one.whole, one.trusted) == (level, True, True, "yes")
    assert one.signer == "MLA development letters"
    assert (one.proven_at is None) == (level == "B-B")
    assert checked.content_matches == "yes" and checked.sound
    assert checked.identifier == signatures.IDENTIFIER
    broken = document_check(tampered(levels()[level]), config().trust)
    assert not broken.sound and not broken.signatures[0].intact


def test_each_byte_that_is_signed_counts() -> None:
    """One bit in each of forty places of the file: nowhere is it still sound."""
    pdf = levels()["B-T"]
    start, end = pdf.index(b"/Contents <") + 11, pdf.index(b">", pdf.index(b"/Contents <") + 11)
    places = [len(pdf) * step // 40 for step in range(1, 40)]
    for at in (one for one in places if not start <= one <= end):
        changed = pdf[:at] + bytes([pdf[at] ^ 4]) + pdf[at + 1 :]
        try:
            assert not document_check(changed, config().trust).sound, at
        except NotReadable:
            continue


def test_what_is_added_after_the_signature_is_told() -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(levels()["B-T"]))
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.NameObject("/Rotate")] = generic.NumberObject(180)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    checked = document_check(out.getvalue(), config().trust)
    assert checked.signatures[0].intact, "the signed bytes are still there"
    assert not checked.signatures[0].whole and not checked.sound


def test_signing_keeps_archive_and_accessibility() -> None:
    """ISO 19005-3 and 14289-1: the field was tagged before, nothing of the letter is touched by the signature."""
    before = unsigned()
    for level, pdf in levels().items():
        assert pdf.startswith(before), level
        with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.open(io.BytesIO(before)) as letter:
            assert document.Root.Metadata.read_bytes() == letter.Root.Metadata.read_bytes()
            assert dict(document.docinfo) == dict(letter.docinfo)
            [field] = document.Root.AcroForm.Fields
            assert (str(field.FT), str(field.T)) == ("/Sig", "signature-field")
            assert str(field.TU).startswith("Electronic signature")
            parents = document.Root.StructTreeRoot.ParentTree.Nums
            numbers = {int(parents[i]): parents[i + 1] for i in range(0, len(parents), 2)}
            assert str(numbers[int(field.StructParent)].S) == "/Form"
            assert field.AP.N.BBox is not None and str(field.P.Tabs) == "/S"


@pytest.mark.parametrize("level", ["unsigned", *LEVELS])
def test_accessibility_checker_has_no_finding_in_a_signed_letter(level: str, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(unsigned() if level == "unsigned" else levels()[level])
    report = pdfua.validate(str(file))
    assert [finding for outcome in report.outcomes for finding in outcome.findings] == []
    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_same_letter_is_the_same_bytes_before_its_signature_and_never_after() -> None:
    assert signing.sign(unsigned(), key()).pdf != levels()["B-B"]


def test_letter_without_a_place_for_it_is_not_signed() -> None:
    from tests.documents import factory
    from workflows.documents.letters import letter_pdf

    for_ink = letter_pdf(
        factory.letter(), factory.cover(), factory.names(), canonical_json=b"{}", identifier=signatures.IDENTIFIER
    ).pdf
    with pytest.raises(SigningNotSetUp, match="no field"):
        signing.sign(for_ink, key())


class TestTimestampService:
    def test_one_that_is_down_leaves_a_signed_letter_and_says_who(self) -> None:
        with pytest.raises(signing.TimestampMissing, match=r"http://127\.0\.0\.1:9/"):
            signing.add_timestamp(levels()["B-B"], TimestampService("http://127.0.0.1:9/", 1))
        with timestamps() as service:
            later = signing.add_timestamp(levels()["B-B"], service)
        assert document_check(later, config().trust).signatures[0].level == "B-T"

    def test_timestamp_changes_no_signed_byte(self) -> None:
        signed, stamped = levels()["B-B"], levels()["B-T"]
        start = signed.index(b"/Contents <") + 11
        end = signed.index(b">", start)
        assert len(signed) == len(stamped)
        assert (signed[:start], signed[end:]) == (stamped[:start], stamped[end:])


class TestKeys:
    def test_own_key_before_the_one_for_everybody(self, tmp_path: Path, settings: Any) -> None:
        own = 'authorities = ["xx-central"]\npkcs12 = "letters.p12"\nsecret_file = "letters.pass"'
        every = 'authorities = ["*"]\npkcs12 = "other.p12"\nsecret_file = "letters.pass"'
        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, every, own))
        found = signing_config()
        assert found.key_of("xx-central").pkcs12 == tmp_path / "letters.p12"
        assert found.key_of("yy-central").pkcs12 == tmp_path / "other.p12"
        assert "development" not in repr(found.key_of("xx-central")), "no secret in a log"

    def test_authority_without_one_is_named(self, settings: Any) -> None:
        settings.SIGNING_CONFIG = ""
        with pytest.raises(SigningNotSetUp, match="xx-central signs by certificate, and no key"):
            signing_config().key_of("xx-central")
        assert signing_config() == SigningConfig()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[[keys]]\npkcs12 = 'x'", "authorities is missing"),
            ("[[keys]]\nauthorities = ['a']\npkcs11 = 'm'\nsecret_env = 'NOT_SET'", "NOT_SET is missing"),
            ("not toml", "signing.toml"),
            ("[trust]\nanchors = ['no.pem']", "no.pem"),
        ],
    )
    def test_wrong_file_says_where(self, text: str, said: str, tmp_path: Path, settings: Any) -> None:
        path = tmp_path / "signing.toml"
        path.write_text(text)
        settings.SIGNING_CONFIG = str(path)
        with pytest.raises(SigningNotSetUp, match=said):
            signing_config()

    def test_wrong_passphrase_expired_certificate_and_absent_file_are_told_apart(self, tmp_path: Path) -> None:
        place = key()
        assert place.pkcs12 is not None
        with pytest.raises(SigningNotSetUp, match="passphrase is wrong"):
            signing.sign(unsigned(), KeyPlace(("a",), "wrong", pkcs12=place.pkcs12))
        with pytest.raises(SigningNotSetUp, match="is valid from"):
            signing.sign(unsigned(), place, at=signatures.LONG_AGO)
        with pytest.raises(SigningNotSetUp, match="cannot be read"):
            signing.sign(unsigned(), KeyPlace(("a",), "x", pkcs12=tmp_path / "none.p12"))


MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


class TestToken:
    @pytest.mark.skipif(not MODULE.exists(), reason="SoftHSM is not installed (.ci/system-libraries --checkers)")
    def test_key_on_a_token_signs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        place = _token(tmp_path, monkeypatch)
        signed = signing.sign(unsigned(), place)
        checked = document_check(signed.pdf, config().trust)
        assert checked.sound and checked.signatures[0].trusted == "yes"
        with pytest.raises(SigningNotSetUp, match="the token letters: "):
            signing.sign(unsigned(), KeyPlace(("a",), "wrong pin", pkcs11=str(MODULE), token="letters", key="letters"))

    def test_one_that_never_answers_costs_its_time_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        silent = tmp_path / "silent.so"
        os.mkfifo(silent)  # whoever loads it waits for ever
        monkeypatch.setattr(signing, "TOKEN_SECONDS", 1.0)
        began = time.monotonic()
        with pytest.raises(signing.TokenSilent, match="letters did not answer"):
            signing.sign(unsigned(), KeyPlace(("a",), "1234", pkcs11=str(silent), token="letters", key="letters"))
        assert time.monotonic() - began < 30


def _token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> KeyPlace:
    """Make a token with the development key and its certificate."""
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    run = ["softhsm2-util", "--init-token", "--free", "--label", "letters", "--so-pin", "5678", "--pin", "1234"]
    subprocess.run(run, check=True, capture_output=True)
    place = key()
    assert place.pkcs12 is not None and shutil.which("openssl")
    taken = ["openssl", "pkcs12", "-in", str(place.pkcs12), "-nocerts", "-nodes", "-passin", f"pass:{place.secret}"]
    pem = subprocess.run(taken, check=True, capture_output=True, text=True).stdout
    (folder / "key.pem").write_text(pem[pem.index("-----BEGIN") :])
    brought = ["softhsm2-util", "--import", str(folder / "key.pem"), "--token", "letters", "--label", "letters"]
    subprocess.run([*brought, "--id", "01", "--pin", "1234"], check=True, capture_output=True)
    certificate = subprocess.run(
        ["openssl", "x509", "-in", str(signatures.HOME / "letters.pem"), "-outform", "DER"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    # In a process of its own: the module remembers the configuration of its first use.
    script = (
        "import sys, pkcs11; from pkcs11 import Attribute as A, ObjectClass as C, CertificateType as T;"
        f"lib = pkcs11.lib({str(MODULE)!r}); token = lib.get_token(token_label='letters');"
        "session = token.open(user_pin='1234', rw=True); der = sys.stdin.buffer.read();"
        "from asn1crypto import x509; cert = x509.Certificate.load(der);"
        "session.create_object({A.CLASS: C.CERTIFICATE, A.CERTIFICATE_TYPE: T.X_509, A.TOKEN: True, A.LABEL: 'letters',"
        " A.ID: b'\\x01', A.SUBJECT: cert.subject.dump(), A.ISSUER: cert.issuer.dump(),"
        " A.SERIAL_NUMBER: cert['tbs_certificate']['serial_number'].dump(), A.VALUE: der})"
    )
    import sys

    subprocess.run([sys.executable, "-c", script], input=certificate, check=True, capture_output=True)
    return KeyPlace(("*",), "1234", pkcs11=str(MODULE), token="letters", key="letters")


class TestCheckingFiles:
    @pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\nnothing", b"\x00" * 1000])
    def test_what_is_no_pdf_is_said_to_be_none(self, content: bytes) -> None:
        with pytest.raises(NotReadable):
            document_check(content, config().trust)

    def test_encrypted_file_and_unsigned_letter(self) -> None:
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(unsigned())) as document:
            document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
        with pytest.raises(NotReadable, match="encrypted"):
            document_check(out.getvalue(), config().trust)
        checked = document_check(unsigned(), config().trust)
        assert checked.signatures == () and not checked.sound and checked.content_matches == "yes"

    def test_other_content_than_the_letter_names(self) -> None:
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(unsigned())) as document:
            del document.attachments["letter.json"]
            document.attachments["letter.json"] = pikepdf.AttachedFileSpec(document, b"{}")
            document.save(out)
        assert document_check(out.getvalue(), config().trust).content_matches == "no"

    def test_nobody_trusted_is_not_known_and_not_no(self) -> None:
        from workflows.documents.signing_keys import Trust

        assert document_check(levels()["B-B"], Trust()).signatures[0].trusted == "unknown"


def test_signing_and_checking_work_also_where_a_loop_runs() -> None:
    import asyncio

    async def both() -> bool:
        return document_check(signing.sign(unsigned(), key()).pdf, config().trust).sound

    assert asyncio.run(both())
