"""Bytes and HTML into text: charset vectors, what people's mail programs write, hostile HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.texts.intake import MAX_HTML_CHARS, decode_text, html_to_text
from cur_tui.domain.texts.text import neutralise

LETTER = "Добрый день! Во дворе дома № 5 третий день нет горячей воды. Прошу принять меры. ЁЖИК"


@pytest.mark.parametrize(
    ("charset", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("cp1251", "cp1251"),
        ("cp866", "cp866"),
    ],
)
def test_charsets_are_told_apart(charset: str, named: str) -> None:
    assert decode_text(LETTER.encode(charset)) == (LETTER, named)


def test_koi8_has_no_number_sign() -> None:
    letter = LETTER.replace("№", "N")
    assert decode_text(letter.encode("koi8-r")) == (letter, "koi8-r")


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("word", ["Привет", "вода", "НЕТ ВОДЫ", "Яма на дороге"])
def test_short_texts_are_told_apart(charset: str, word: str) -> None:
    assert decode_text(word.encode(charset))[0] == word


def test_damaged_utf8_stays_utf8() -> None:
    raw = LETTER.encode()
    assert decode_text(raw[:-1]) == (LETTER[:-1] + "\ufffd", "utf-8")
    assert decode_text("Привет".encode()[:-1]) == ("Приве\ufffd", "utf-8")
    assert decode_text(raw + b"\xff" + raw)[1] == "utf-8"


def test_marked_utf16_cut_in_half() -> None:
    text, charset = decode_text("вода".encode("utf-16")[:-1])
    assert (text, charset) == ("вод\ufffd", "utf-16")


@given(st.binary(max_size=200))
def test_decoding_never_fails(raw: bytes) -> None:
    text, charset = decode_text(raw)
    assert raw.decode(charset, errors="replace") == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Нет воды</p><p>третий&nbsp;день</p>", "Нет воды\n\nтретий\u00a0день"),
        ("раз<br>два<br/>три", "раз\nдва\nтри"),
        ("<div>раз</div><div>два</div>", "раз\n\nдва"),
        ("<ul><li>свет</li>\n<li>вода</li></ul>", "• свет\n\n• вода"),
        ("<style>p{color:red}</style><script>if(a<b)alert('x')</script>текст", "текст"),
        ("цена < 5 &amp; > 3", "цена < 5 & > 3"),
        ("первая\nвторая <b>строка</b>", "первая\nвторая строка"),
        ("<p>одна\n  строка</p>", "одна строка"),
        ('<a href="https://evil.example/">gosuslugi.ru</a>', "gosuslugi.ru (https://evil.example/)"),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/"),
        ('<a href="javascript:alert(1)">сюда</a>', "сюда"),
        ('ура<img alt="😀" src=x>', "ура😀"),
        ("<!-- тайна -->явное<!DOCTYPE x><![if !vml]>и это<![endif]>", "явноеи это"),
        ("<table><tr><td>дом</td><td>5</td></tr></table>", "дом 5"),
        ("&#x202e;gpj.exe", "⟪U+202E⟫gpj.exe"),
        ("<привет> <3 a<b", "<привет> <3 a<b"),
        ("не закрыт <a href='x", "не закрыт <a href='x"),
    ],
)
def test_html_examples(html: str, text: str) -> None:
    assert html_to_text(html) == text


@given(st.text(st.sampled_from("<>/!-[]&;#'\"= abpж\n\x1b") | st.sampled_from("aя")))
def test_any_html_gives_harmless_text(raw: str) -> None:
    text = html_to_text(raw)
    assert neutralise(text) == text


@pytest.mark.parametrize("piece", ["<a/", '<a b="', "<x y='>", "<!--", "<style", "</a ", "<![", "<x y='<x>"])
def test_crafted_html_is_read_in_bounded_steps(piece: str) -> None:
    # Each of these takes the parser of the standard library minutes at this length.
    flood = piece * (MAX_HTML_CHARS // len(piece))
    assert len(html_to_text(flood)) <= MAX_HTML_CHARS
