"""The languages in which a letter can be written, as a choice that tells which of them have the fixed wording."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mla.core.letter_languages import letter_languages, wording_in

LANGUAGES = (
    ("ar", "العربية"), ("bg", "Български"), ("cs", "Čeština"), ("da", "Dansk"), ("de", "Deutsch"), ("el", "Ελληνικά"),
    ("en", "English"), ("es", "Español"), ("et", "Eesti"), ("fa", "فارسی"), ("fi", "Suomi"), ("fr", "Français"),
    ("he", "עברית"), ("hi", "हिन्दी"), ("hr", "Hrvatski"), ("hu", "Magyar"), ("id", "Bahasa Indonesia"),
    ("is", "Íslenska"), ("it", "Italiano"), ("ja", "日本語"), ("ko", "한국어"), ("lt", "Lietuvių"), ("lv", "Latviešu"),
    ("nb", "Norsk"), ("nl", "Nederlands"), ("pl", "Polski"), ("pt", "Português"), ("ro", "Română"), ("ru", "Русский"),
    ("sk", "Slovenčina"), ("sl", "Slovenščina"), ("sq", "Shqip"), ("sr", "Српски"), ("sv", "Svenska"), ("th", "ไทย"),
    ("tr", "Türkçe"), ("uk", "Українська"), ("vi", "Tiếng Việt"), ("zh", "中文"), ("zh-Hans", "简体中文"),
)  # fmt: skip


def language_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the languages in groups, those with wording that a lawyer confirmed first; empty groups are left out."""
    known = {code.lower() for code, _name in LANGUAGES}
    others = [(one.code, one.name) for one in letter_languages().values() if one.code not in known]
    confirmed: list[tuple[str, str]] = []
    unconfirmed: list[tuple[str, str]] = []
    english: list[tuple[str, str]] = []
    for code, name in (*LANGUAGES, *others):
        wording = wording_in(code)
        (english if wording is None else confirmed if wording.confirmed else unconfirmed).append((code, name))
    groups = [
        (_("With fixed wording"), confirmed),
        (_("With fixed wording that no lawyer has confirmed"), unconfirmed),
        (_("Fixed wording in English"), english),
    ]
    return [(label, languages) for label, languages in groups if languages]
