"""A browser as far as the measurement needs one: cookies, a connection that is kept, forms, what was transferred."""

from __future__ import annotations

import gzip
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from workflows.demo.bench import BenchFailed

_ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` from the first byte sent to the last received; `transferred` bytes of headers and body, compressed."""

    status: int
    text: str
    seconds: float
    transferred: int
    headers: dict[str, str]

    @property
    def assets(self) -> list[str]:
        return list(dict.fromkeys(_ASSET.findall(self.text)))


@dataclass
class Browser:
    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, list[str]], **headers: str) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self._token()} | headers
        return self._ask("POST", path, urlencode(fields, doseq=True), headers)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the form. Raises BenchFailed when that is refused."""
        form = form_of(self.get("/account/login/").text)
        answer = self.post("/account/login/", form | {"login": [username], "password": [password]})
        if answer.status != 302:
            raise BenchFailed(f"{username} could not sign in: {answer.status}")

    def _token(self) -> str:
        return next((value for name, value in self.cookies.items() if "csrf" in name), "")

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        sent = {
            "Accept-Encoding": "gzip, deflate, br",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"http://{self.host}:{self.port}/",
        }
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = HTTPConnection(self.host, self.port, timeout=60)
                self.connection.connect()
            began = time.perf_counter()
            try:
                self.connection.request(method, path, body, sent | headers)
                response = self.connection.getresponse()
                content = response.read()
                return self._answer(response, content, time.perf_counter() - began)
            except (HTTPException, ConnectionError) as error:
                # The server closes a connection that was idle for two seconds; a new one is not timed.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise BenchFailed(f"{method} {path}: {type(error).__name__}: {error}") from error
        raise AssertionError("unreachable")

    def _answer(self, response: HTTPResponse, content: bytes, seconds: float) -> Answer:
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                for one in SimpleCookie(value).values():
                    self.cookies[one.key] = one.value
        transferred = len(content) + sum(len(name) + len(value) + 4 for name, value in response.getheaders()) + 19
        if response.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        text = content.decode("utf-8", "replace")
        return Answer(response.status, text, seconds, transferred, dict(response.getheaders()))


class _Form(HTMLParser):
    """Reads what a browser would send of the form `name`, or of the last one with a method."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.inside, self.found = name, False, dict[str, list[str]]()
        self.area = self.select = ""

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attrs = {key: value or "" for key, value in pairs}
        name, value = attrs.get("name", ""), attrs.get("value", "")
        if tag == "form":
            self.inside = attrs.get("id") == self.name if self.name else attrs.get("method", "").lower() == "post"
        elif not self.inside:
            return
        elif tag == "textarea" and name:
            self.area, self.found[name] = name, [""]
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in attrs or self.select not in self.found):
            self.found[self.select] = [value]
        elif tag == "input" and name:
            if attrs.get("type") in ("checkbox", "radio"):
                if "checked" in attrs:
                    self.found.setdefault(name, []).append(value or "on")
            else:
                self.found[name] = [value]

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            # A browser leaves out the line end that follows the tag.
            self.found[self.area][0] = self.found[self.area][0].removeprefix("\n")
            self.area = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.inside = False


def form_of(text: str, name: str = "") -> dict[str, list[str]]:
    """Return the fields of a page's form as they stand: by its id, or of all that are posted."""
    reader = _Form(name)
    reader.feed(text)
    return reader.found
