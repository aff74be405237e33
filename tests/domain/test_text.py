"""Citizens' text: every family of hostile payload, the properties that hold for any text, bounded work."""

import re
import unicodedata
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cur_tui.domain.texts.text import MAX_DISPLAY_CHARS, Display, cell_width, display, neutralise, one_line
from cur_tui.domain.texts.words import mixed_script_words

PAYLOADS = {
    "bel": "a\x07b",
    "bs": "a\x08b",
    "vt": "a\x0bb",
    "ff": "a\x0cb",
    "cr": "правда\rложь",
    "nul": "a\x00b",
    "enq": "\x05",
    "so": "\x0e",
    "sgr": "\x1b[31mкрасный",
    "cursor and erase": "\x1b[10A\x1b[2J",
    "scrollback erase": "\x1b[3J",
    "osc title": "\x1b]0;owned\x07",
    "osc title st": "\x1b]2;owned\x1b\\",
    "osc hyperlink": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "osc clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "osc file": "\x1b]1337;File=name=eA==;inline=1:AAAA\x07",
    "dcs": "\x1bP$qm\x1b\\",
    "tmux passthrough": "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
    "report position": "\x1b[6n",
    "report device": "\x1b[c",
    "report title": "\x1b[21t",
    "reset": "\x1bc",
    "alternate screen": "\x1b[?1049l",
    "mouse off": "\x1b[?1000l",
    "charset": "\x1b(0",
    "c1 csi": "\x9b2J",
    "c1 osc": "\x9d0;owned\x9c",
    "c1 dcs": "\x90$qm\x9c",
    "delete": "a\x7fb",
    "bidi override": "отчёт\u202efdp.exe",
    "bidi isolate": "\u2066a\u2069",
    "zero width": "па\u200bро\u200dль\ufeff",
    "line separators": "a\u2028b\u2029c",
    "tags": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "soft hyphen": "во\u00adда",
    "marks": "е" + "\u0301\u0323\u0336" * 20,
    "surrogate": "\ud800",
    "private use": "\ue000\U000f0000",
    "variation": "❤\ufe0f\U000e0100",
    "blank letter": "\u3164\u2800",
}
FUTURE_EMOJI = range(0x1F680, 0x1FB00)


def forbidden(text: str) -> list[str]:
    """List what must never survive; written apart from the code, as ranges and categories."""
    found = []
    for index, char in enumerate(text):
        code = ord(char)
        category = unicodedata.category(char)
        emoji_joiner = code == 0x200D and 0 < index < len(text) - 1
        acting = category in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char not in "\n\t"
        unknown = category == "Cn" and code not in FUTURE_EMOJI
        variation = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
        blank = code in {0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}
        if (acting and not emoji_joiner) or unknown or variation or blank:
            found.append(f"U+{code:04X} at {index}")
    return found


def longest_mark_run(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char).startswith("M") else 0
        longest = max(longest, run)
    return longest


# Dense in what matters; plain st.text() meets a joiner between emoji once in a million.
any_text = st.text() | st.text(
    st.sampled_from(
        "aя \n\r\t\x00\x1b[31m\x9b\u0085\u00ad\u0301\u0323\u0344\u200b\u200d\u202e\u2028\ufe0f\ufeff"
    )
    | st.sampled_from(
        "\u1100\u1161\u11a8\u0958\ufb1d\U0001d160\U0001f469\U0001f3fd\u2764⟪⟫\U000e0041\ud800\ue000\u3164"
    )
)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_no_payload_survives(payload: str) -> None:
    for clean in (neutralise(payload), display(payload).text, one_line(payload, 40)):
        assert not forbidden(clean)
        assert longest_mark_run(clean) <= 2
        assert clean.isprintable() or set(clean) & set("\n\u200d")


@pytest.mark.parametrize(
    ("hidden", "tail"),
    list(product("\x07\x08\x0b\x0c\r\x00\x7f\u00ad\u200b", ("[31mx", "]52;c;eA==", "]0;t"))),
)
def test_no_later_filter_can_join_a_sequence(hidden: str, tail: str) -> None:
    clean = neutralise(f"\x1b{hidden}{tail}")
    assert clean.startswith("␛")
    assert "\x1b" not in "".join(char for char in clean if char not in hidden)


@given(any_text)
@example("e\u200b\u0301")
@example("\U0001f469\ufe0f\u200d\ufe0f\U0001f469")
@example("\u202e" * 40 + "⟪U+202E⟫⟪+3⟫")
def test_neutralise_leaves_nothing_forbidden_and_is_idempotent(text: str) -> None:
    clean = neutralise(text)
    assert not forbidden(clean)
    assert longest_mark_run(clean) <= 2
    assert unicodedata.is_normalized("NFC", clean)
    assert neutralise(clean) == clean


@given(any_text, st.integers(2, 12), st.integers(1, 60))
def test_display_keeps_its_bounds(text: str, max_line: int, max_chars: int) -> None:
    shown = display(text, max_line=max_line, max_chars=max_chars)
    assert len(shown.text) <= max_chars
    assert all(cell_width(line) <= max_line for line in shown.text.split("\n"))
    assert "\t" not in shown.text
    assert not forbidden(shown.text.replace("\u200d", ""))
    assert shown.cut or len(text) <= max_chars


@given(any_text, st.integers(0, 30))
def test_one_line_fits(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert cell_width(line) <= limit
    assert "\n" not in line
    assert line == line.strip()


@given(
    st.text(
        st.characters(whitelist_categories=("Lu", "Ll", "Nd", "Po", "Zs"), max_codepoint=0x4FF), max_size=80
    )
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert neutralise(composed) == composed
    assert display(composed).hidden == 0


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("строка\r\nещё\rещё\u0085и\u2028так", "строка\nещё\nещё\nи\nтак"),
        ("\x1b[2J", "␛[2J"),
        ("\x00\x7f\x9b", "␀␡⟪U+009B⟫"),
        ("\u202egpj.exe", "⟪U+202E⟫gpj.exe"),
        ("\u202e" * 100, "⟪U+202E⟫⟪+99⟫"),
        ("и\u0306", "й"),
        ("во\u00adда\u200b", "вода"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("👩🏽\u200d❤\ufe0f\u200d💋\u200d👩🏽", "👩🏽\u200d❤\u200d💋\u200d👩🏽"),
        ("👩\u200d" * 9 + "👩", "👩" * 10),
        ("а\u200dб", "аб"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("\U0001fa77", "\U0001fa77"),
    ],
)
def test_neutralise_examples(raw: str, clean: str) -> None:
    assert neutralise(raw) == clean


def test_hidden_counts_what_storage_has_marked_and_what_vanishes_now() -> None:
    raw = "a\x1b[0m\u202eb\u200bc" + "\u2066" * 20
    assert display(raw).hidden == 1 + 1 + 1 + 20
    assert display(neutralise(raw)).hidden == 1 + 1 + 20
    assert display("обычный текст\tс табуляцией\n") == Display("обычный текст   с табуляцией\n", 0, False)


def test_long_lines_are_folded_and_long_texts_cut() -> None:
    shown = display("я" * 1_000_000)
    assert shown.cut
    assert len(shown.text) == MAX_DISPLAY_CHARS
    assert max(map(len, shown.text.split("\n"))) == 2_000
    assert display("漢" * 5, max_line=4).text == "漢漢\n漢漢\n漢"


@pytest.mark.parametrize(
    "flood",
    [
        "я\x1b" * 500_000,
        "e" + "\u0301\u0323" * 200_000,
        "👩\u200d" * 50_000,
        "строка\n" * 20_000,
        "[b]" * 20_000,
        "".join(map(chr, range(0x20000))),
    ],
    ids=["escapes", "marks", "joiners", "lines", "markup", "every character"],
)
def test_floods_end_bounded(flood: str) -> None:
    assert len(display(flood).text) <= MAX_DISPLAY_CHARS
    assert len(neutralise(flood)) <= 9 * len(flood)


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("  нет\n\n воды\t уже  ", 40, "нет воды уже"),
        ("нет воды", 8, "нет воды"),
        ("нет воды", 7, "нет во…"),
        ("漢字漢字", 5, "漢字…"),
        ("вода", 0, ""),
        ("", 5, ""),
    ],
)
def test_one_line_examples(text: str, limit: int, line: str) -> None:
    assert one_line(text, limit) == line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Аdmin пишет", ["Аdmin"]),
        ("Администрация, admin, IP-адрес, 5G, дом 12Б", []),
        ("сбербaнк и Госycлуги", ["сбербaнк", "Госycлуги"]),
        ("нет", []),
    ],
)
def test_mixed_script_words(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in mixed_script_words(text)] == words


@given(st.text(st.sampled_from("abcабв -1")))
def test_mixed_spans_are_whole_words_of_both_alphabets(text: str) -> None:
    for start, end in mixed_script_words(text):
        assert re.fullmatch("(?=.*[a-c])(?=.*[абв])[a-cабв]+", text[start:end])
