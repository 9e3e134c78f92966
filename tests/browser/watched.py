"""A page that is watched: what a browser complains of is kept, with the address where it happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
#: Written by the page itself, so that a violation is seen in whatever way the browser reports it.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.violatedDirective} refused ${event.blockedURI || "inline"} ${event.sourceFile || ""}:${event.lineNumber}`));
"""
_RUN_AXE = """
async () => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations.map((one) => ({
    rule: one.id, impact: one.impact, count: one.nodes.length,
    where: one.nodes.slice(0, 3).map((node) => node.target.flat().join(" ") + " " + node.html.slice(0, 120)),
  }));
}
"""


@dataclass
class Watch:
    """What went wrong on the pages of one browser window, each line with its address."""

    complaints: list[str] = field(default_factory=list)

    def on(self, context: BrowserContext) -> None:
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("response", self._response)
        context.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        # The status of an answer is judged below; the browser's own line on it says less.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{_path(message.page.url if message.page else '')}: console: {message.text[:300]}")

    def _response(self, response: Response) -> None:
        path = _path(response.url)
        if response.status >= 500 or (response.status >= 400 and path.startswith(("/static/", "/favicon"))):
            self.complaints.append(f"{path}: answered {response.status}")

    def _failed(self, request: Request) -> None:
        # A page that is left stops its own loading.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"{_path(request.url)}: {request.failure}")

    def taken(self) -> list[str]:
        """Return the complaints so far and forget them."""
        found, self.complaints = self.complaints, []
        return found


def _path(address: str) -> str:
    return urlsplit(address).path


def axe_violations(page: Page) -> list[str]:
    """Run axe-core on the page as it stands. The rules of WCAG 2.2 AA and the best practices."""
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated by the debugger: the page's own policy lets no foreign script in.
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(_RUN_AXE)
    return [f"{one['rule']} ({one['impact']}, {one['count']}×): {' | '.join(one['where'])}" for one in found]


def sideways(page: Page) -> list[str]:
    """Return what makes the page wider than its window, the innermost first; empty where nothing does."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.scrollingElement, wide = innerWidth;
          if (root.scrollWidth <= wide) return [];
          const out = [...document.querySelectorAll("body *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.width > 0 && (box.right > wide + 1 || box.left < -1);
          });
          const inner = out.filter((one) => !out.some((other) => other !== one && one.contains(other)));
          const name = (one) => one.tagName.toLowerCase() + (one.id ? "#" + one.id : "")
            + [...one.classList].map((c) => "." + c).join("") + ` "${(one.textContent || "").trim().slice(0, 30)}"`;
          return [`${root.scrollWidth} px wide`, ...inner.slice(0, 4).map(name)];
        }"""
    )
    return found
