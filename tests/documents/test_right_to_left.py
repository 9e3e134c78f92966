"""An Arabic letter names a reference, a telephone number and a time as they were written down."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.documents import factory
from tests.documents.test_hostile_text import hostile_letter
from workflows.documents import formats
from workflows.documents.isolation import isolated, isolated_in_left
from workflows.documents.letters import letter_html
from workflows.documents.sealed import sealed_html
from workflows.drafting.letterfile import LetterFile


def runs(page: str, *references: str) -> list[str]:
    """Return what is set apart, and see that nothing else has changed."""
    made = isolated(page, references)
    assert re.sub(r"</?bdi[^>]*>", "", made) == page
    return re.findall(r'<bdi dir="ltr">(.*?)</bdi>', made)


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("تحت المرجع 4 Js 123/26.", ["4 Js 123/26"]),
        ("الهاتف +49 30 0000 0001، ليلًا", ["+49 30 0000 0001"]),
        ("الهاتف 0030 30 0000 0001", ["0030 30 0000 0001"]),
        ("12 مارس 2026، 14:05:09 UTC+02:00", ["14:05:09 UTC+02:00"]),
        ("في 2026-03-12 ثم 2001:db8::7 (2 x)", ["2026-03-12", "2001:db8::7 (2 x)"]),
        ("بتاريخ 12 مارس 2026. 3f2a &amp; 4b", ["3f2a &amp; 4b"]),
        ("لدى Example Hosting Ltd.، المبيّنة", ["Example Hosting Ltd."]),
        ("3 (UTC، الساعة)", []),
        # Where the line breaks in the bracket, the one that closes it would go to the other side.
        ("الصك Convention on Cybercrime (ETS No. 185)، المادة 29", ["Convention on Cybercrime (ETS No. 185)"]),
        ("الشركة Example (الفرع)، المبيّنة", []),
        ("Example sh.p.k.", ["Example sh.p.k."]),
        ("8 rue de l&#x27;Exemple", ["8 rue de l&#x27;Exemple"]),
        # What the algorithm shows as it is read, or as Arabic readers read it: part after part from the right.
        ("بموجب المادتين 18(19) و29(1)(a)، والمواد 23-35، بنسبة 50%.", []),
        ("الخادم 198.51.100.23 في الساعة 02:14:09، ومبلغ 1,234.50", []),
        ("التدبير M1، الملحق A1.) ثم Example Hosting", []),
        # Where the line breaks after a mark, it would go to the other side of what it belongs to.
        ("التدبير M1، DE-2026-0042، user.1@example.net", ["DE-2026-0042", "user.1@example.net"]),
        ("a-b.example.net", ["a-b.example.net"]),
        ("V1: ", []),
        ("1. ", []),
        ("نص عربي وحده", []),
    ],
)
def test_run_that_would_be_shown_in_another_order_is_set_apart(text: str, apart: list[str]) -> None:
    assert runs(f"<p>{text}</p>") == apart


def test_reference_of_digits_alone_is_no_range_where_it_is_known_as_a_reference() -> None:
    assert runs("<p>المواد 23-35 والمرجع 117-2026</p>", "117-2026", "") == ["117-2026"]
    assert runs("<p>المرجع 1117-2026</p>", "117-2026") == []


def test_what_has_a_direction_and_what_is_not_shown_stays_as_it_is() -> None:
    assert runs('<title>4 Js 1</title><p>نص <span dir="ltr">4 Js 1<br><b>5 Js 2</b></span> 6 Js 3</p>') == ["6 Js 3"]


def test_letter_and_sealed_annex_from_the_right_are_isolated_and_others_are_not() -> None:
    cover = factory.cover(own_reference="4 Js 123/26", peer_reference="117-2026")
    made = letter_html(factory.letter(language="ar"), cover, factory.names())
    assert made.count('<bdi dir="ltr">4 Js 123/26</bdi>') == 2
    assert '<bdi dir="ltr">117-2026</bdi>' in made
    assert "<bdi dir" not in letter_html(factory.letter(language="en"), cover, factory.names())
    sealed = sealed_html(factory.letter(language="ar"), cover, {"persons": []})
    assert '<bdi dir="ltr">4 Js 123/26</bdi>' in sealed


def test_text_that_begins_with_a_name_in_another_script_keeps_the_direction_of_the_page() -> None:
    assert formats.direction_of_text("WhatsApp هو التطبيق الذي استخدمه", "rtl") == "rtl"
    assert formats.direction_of_text("The user of مكتب", "rtl") == "ltr"
    assert formats.direction_of_text("مكتب is the name of the office", "ltr") == "ltr"
    assert formats.direction_of_text("في الساعة", "ltr") == "rtl"
    assert formats.direction_of_text("12:00", "rtl") == "rtl"


def test_lead_of_a_text_in_the_other_direction_stays_at_the_side_where_the_page_begins() -> None:
    made = letter_html(
        factory.letter(language="ar", proceedings={"nature": "investigation", "subject": "Sabotage."}),
        factory.cover(),
        factory.names(),
    )
    assert '<b class="lead">الموضوع.</b> <span dir="ltr">Sabotage.</span>' in made


def test_arabic_list_of_several_words_each_is_divided_by_more_than_and() -> None:
    assert formats.listed(["29", "31", "33"], "ar") == "29 و31 و33"
    assert formats.listed(["صورة الملف", "نسخة البيانات"], "ar") == "صورة الملف ونسخة البيانات"
    assert formats.listed(["الدخول والخروج", "العنوان"], "ar") == "الدخول والخروج؛ والعنوان"
    assert formats.listed(["أ ب", "ج د", "هـ"], "ar") == "أ ب؛ وج د؛ وهـ"


def test_letter_from_the_right_with_english_wording_counts_its_pages_and_days_in_english() -> None:
    """Its fixed sentences are English, so a day, a list or a page number in them is too."""
    made = letter_html(factory.letter(language="he"), factory.cover(), factory.names())
    assert '<html lang="he" dir="rtl"' in made
    assert re.search(r'<span dir="ltr">\s*Page <span class="page-number"></span> of', made)
    assert "action is needed by 26 March 2026" in made and "articles 29 and 31 of the" in made
    arabic = letter_html(factory.letter(language="ar"), factory.cover(), factory.names())
    assert '<span dir="ltr">\n' not in arabic and "26 مارس 2026" in arabic


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("(Source: שם 12/7 (ב)", '(Source: <bdi dir="rtl">שם 12/7 (ב</bdi>)'),
        ("(Source: שם (ב))", '(Source: <bdi dir="rtl">שם (ב)</bdi>)'),
        ("محمد, 20 March", '<bdi dir="rtl">محمد</bdi>, 20 March'),
        ("A\u200f, 20 March", 'A<bdi dir="rtl">\u200f</bdi>, 20 March'),
        ("from محمد أ to Smith &amp; Co", 'from <bdi dir="rtl">محمد أ</bdi> to Smith &amp; Co'),
        ("Smith &amp; Co, 20 March", "Smith &amp; Co, 20 March"),
    ],
)
def test_name_from_the_right_in_a_letter_from_the_left_takes_nothing_of_ours_along(text: str, made: str) -> None:
    assert isolated_in_left(f"<p>{text}</p>") == f"<p>{made}</p>"
    own = f'<title>{text}</title><p><span dir="rtl">{text} <b>{text}</b></span></p>'
    assert isolated_in_left(own) == own


def test_every_text_from_the_right_in_a_letter_from_the_left_has_a_direction_of_its_own() -> None:
    name = "שם 12/7 א"
    letter, _put = hostile_letter(9)

    def said(value: Any, path: str = "") -> Any:
        if isinstance(value, dict):
            return {key: said(inner, f"{path}.{key}" if path else key) for key, inner in value.items()}
        if isinstance(value, list):
            return [said(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
        return name if path in _put else value

    cover = replace(factory.cover(), own_reference=name, place=name, sender=(name,), addressee=(name, name))
    page = letter_html(LetterFile.model_validate(said(letter.content())), cover, factory.names())
    body = page[page.index("<body") :]
    assert body.count(name) > 60
    apart = re.sub(r'<(span|p|td|h1|div|li)[^>]* dir="rtl"[^>]*>.*?</\1>', "", body, flags=re.DOTALL)
    assert re.findall(rf'(?<!<bdi dir="rtl">){name}', apart) == []
