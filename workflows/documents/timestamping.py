"""Asking a timestamp service (RFC 3161): within a time and a size, and for a stamp of the very signature that was sent."""

from __future__ import annotations

from typing import Any, Final

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from mla.core.errors import MlaError
from workflows.documents.awaiting import awaited
from workflows.documents.forking import Bounds, Carried, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.signing_keys import TimestampService

#: Bytes of an answer; one with a long chain has about ten thousand.
LARGEST: Final = 256 * 1024


class TimestampMissing(MlaError):
    """The timestamp service did not answer, or gave no timestamp. The letter is signed, and waits for it."""

    own_words = True


def timestamp_of(digest: bytes, algorithm: str, service: TimestampService) -> cms.ContentInfo:
    """Return a timestamp of a digest. In a worker's main thread.

    Raises:
        TimestampMissing: nothing was had in time, or not a stamp of this digest; the message says from whom and why.
    """
    try:
        token = awaited(_AskedApart(service).async_timestamp(digest, algorithm))
        stamped = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        same = (stamped["hash_algorithm"]["algorithm"].native, stamped["hashed_message"].native) == (algorithm, digest)
    except Exception as error:
        raise TimestampMissing(f"{service.url}: {type(error).__name__}: {error}") from None
    if not same:
        raise TimestampMissing(f"{service.url}: the timestamp is of something else")
    return token


class _AskedApart(RequestsHTTPTimeStamper):
    """Asks from a fork: a service that sends a byte from time to time would keep a client for ever."""

    def __init__(self, service: TimestampService) -> None:
        self._seconds = service.seconds
        super().__init__(service.url, timeout=service.seconds)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        try:
            told, answer = in_fork(lambda: self._asked(req.dump()), Bounds(self._seconds, 10, 512 * 2**20))
        except ForkTimeout:
            raise TimeoutError(f"no answer within {self._seconds:g} seconds") from None
        except ForkCrashed as error:
            raise ConnectionError(f"no answer ({error})") from None
        if told["wrong"]:
            raise ConnectionError(told["wrong"])
        return tsp.TimeStampResp.load(answer)

    def _asked(self, request: bytes) -> Carried:
        import requests

        def wrong(why: str) -> tuple[dict[str, Any], bytes]:
            return {"wrong": why}, b""

        try:
            headers = self.request_headers()
            with requests.post(self.url, request, headers=headers, timeout=self.timeout, stream=True) as answer:
                if answer.status_code != 200 or answer.headers.get("Content-Type") != "application/timestamp-reply":
                    return wrong(f"it answers {answer.status_code}, and not with a timestamp")
                content = b""
                for piece in answer.iter_content(16 * 1024):
                    content += piece
                    if len(content) > LARGEST:
                        return wrong("its answer is larger than a timestamp can be")
        except Exception as error:
            return wrong(f"it cannot be reached ({type(error).__name__})")
        return {"wrong": ""}, content
