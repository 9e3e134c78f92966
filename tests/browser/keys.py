"""A person with a keyboard and no mouse: only Tab, arrows, Space, Enter and letters reach the page."""

from __future__ import annotations

from playwright.sync_api import Page

#: Stops of the Tab key after which a field counts as out of reach.
MOST_STOPS = 250

_AT = """selector => { const at = document.activeElement;
  return !!at && at.matches(selector) && at.getClientRects().length > 0; }"""
_WAY = """selector => { const found = document.querySelector(selector), at = document.activeElement;
  if (!found) return 'none';
  const folded = found.parentElement.closest('details:not([open])');
  if (folded && !(found.matches('summary') && found.parentElement === folded)) return 'folded';
  const back = at && at !== document.body && (at.compareDocumentPosition(found) & Node.DOCUMENT_POSITION_PRECEDING);
  return back ? 'back' : 'on'; }"""
_FOLD = """selector => { const folded = document.querySelector(selector).parentElement.closest('details:not([open])');
  let outer = folded;
  for (let up; (up = outer.parentElement.closest('details:not([open])'));) outer = up;
  document.querySelectorAll('summary[data-here]').forEach((one) => delete one.dataset.here);
  outer.querySelector(':scope > summary').dataset.here = '1'; }"""


class Keys:
    """The keyboard of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, selector: str) -> None:
        """Step to the first thing that matches, opening what folds it away."""
        while (way := self.page.evaluate(_WAY, selector)) == "folded":
            self.page.evaluate(_FOLD, selector)
            self.to("summary[data-here]")
            self.page.keyboard.press("Enter")
        assert way != "none", f"{self.page.url} has no {selector}"
        for _stop in range(MOST_STOPS):
            if self.page.evaluate(_AT, selector):
                return
            self.page.keyboard.press("Shift+Tab" if way == "back" else "Tab")
        raise AssertionError(f"{selector} is out of the keyboard's reach on {self.page.url}")

    def press(self, selector: str) -> None:
        """Step to a link or button, press Enter, and wait for the page that it leads to."""
        self.to(selector)
        # A change of the address within the page, which a script may make at that moment, is no page that is led to.
        with self.page.expect_event("load"):
            self.page.keyboard.press("Enter")
        refused = self.page.locator(".error-summary")
        assert refused.count() == 0, f"{self.page.url}: {refused.first.inner_text()}"

    def answer(self, name: str, value: str) -> None:
        """Step to a field and answer it: text is typed, a choice is made with the arrows, a box is ticked."""
        selector = f"main [name='{name}']"
        kind = self.page.evaluate("s => { const f = document.querySelector(s); return f ? f.type : '' }", selector)
        if kind in ("checkbox", "radio"):
            self._choose(selector, kind, value)
            return
        self.to(selector)
        if kind == "select-one":
            self._select(value)
        elif kind == "date":
            # As the browser asks: the parts of a day in the order of its language, here month, day, year.
            year, month, day = value.split("-")
            self.page.keyboard.type(f"{month}{day}{year}")
        else:
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(value)

    def _choose(self, selector: str, kind: str, value: str) -> None:
        one = f"{selector}[value='{value}']" if value else selector
        if kind == "checkbox":
            self.to(one)
            if not self.page.evaluate("() => document.activeElement.checked"):
                self.page.keyboard.press("Space")
            return
        # One stop for all; the arrows move between them.
        self.to(selector)
        for _step in range(60):
            at = self.page.evaluate("() => [document.activeElement.value, document.activeElement.checked]")
            if at == [value, True]:
                return
            self.page.keyboard.press("Space" if at[0] == value else "ArrowDown")
        raise AssertionError(f"no arrow leads to {value} of {selector}")

    def _select(self, value: str) -> None:
        self.page.keyboard.press("Home")
        for _step in range(300):
            at = self.page.evaluate("() => document.activeElement.value")
            if at == value or (not value and at):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {value}")
