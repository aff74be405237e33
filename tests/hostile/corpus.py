"""Hostile texts of every family that has broken a terminal, a screen, a spreadsheet or a reader somewhere.

They are made by rules, not collected, so that a family is whole: every final byte of CSI, every C1 control,
every selector of variations. What asks a terminal for something carries :data:`MARK`, which is looked for
inside of sequences; by itself it is letters and harmless.
"""

import base64
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.hostile.lures import BEL, ESC, FORMULAS, MARK, MARKUP, NAMES

SOAK = bool(os.environ.get("CUR_SOAK"))
ST = "\x1b\\"
C1_ST = "\x9c"
CYRILLIC = "Во дворе дома 5 не горит фонарь"
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Hostile:
    """One text and what it is a case of."""

    family: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.family}:{self.name}"


def _named(family: str, cases: Iterable[tuple[str, str]]) -> Iterator[Hostile]:
    return (Hostile(family, name, text) for name, text in cases)


# --- sequences -----------------------------------------------------------------------------------------


def _controls() -> Iterator[tuple[str, str]]:
    for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)):
        yield f"{code:02x}", f"до{chr(code)}{MARK} после"
    yield "carriage_return", f"правда\r{MARK} ложь"
    yield "backspaces", f"abc\b\b\b{MARK}"
    yield "xon_xoff", f"\x13{MARK}\x11"


def _csi() -> Iterator[tuple[str, str]]:
    for final in map(chr, range(0x40, 0x7F)):
        yield f"final_{ord(final):02x}", f"{ESC}[5;7{final}{MARK}"
    for private in "?>=<!":
        for final in "hlmnpqrstuJKc":
            yield f"private_{ord(private):02x}_{final}", f"{ESC}[{private}1;2{final}{MARK}"
    for between in (" ", "!", '"', "#", "$", "%", "&", "'", "*", "+", ",", "-", ".", "/"):
        yield f"intermediate_{ord(between):02x}", f"{ESC}[1{between}q{ESC}[2{between}p{MARK}"
    yield "repeat", f"a{ESC}[999999999b{MARK}"
    yield "scrollback", f"{ESC}[3J{ESC}[2J{ESC}[H{MARK}"
    yield "resize", f"{ESC}[8;1;1t{ESC}[4;1;1t{ESC}[2t{MARK}"
    yield "colours", f"{ESC}[38:2::1:2:3m{ESC}[48;5;255m{ESC}[{'1;' * 500}m{MARK}"
    yield "huge_number", f"{ESC}[{'9' * 5000}A{MARK}"


_MODES = (
    "1 3 5 6 7 12 25 47 69 80 1000 1002 1003 1004 1005 1006 1015 1016 1047 1048 1049 2004 2026 2027 2031 2048"
)


def _modes() -> Iterator[tuple[str, str]]:
    for mode in _MODES.split():
        yield mode, f"{ESC}[?{mode}l{ESC}[?{mode}h{MARK}"
    yield "paste", f"{ESC}[200~{MARK}\n{ESC}[201~"
    yield "mouse", f"{ESC}[<0;1;1M{ESC}[<0;1;1m{ESC}[M !!{MARK}"
    yield "keyboard", f"{ESC}[>31u{ESC}[97;5u{ESC}[27;5;97~{MARK}"


def _questions() -> Iterator[tuple[str, str]]:
    for asked in ("6n", "5n", "c", "0c", ">c", "=c", ">q", "?6n", "21t", "18t", "14t", "?2026$p", "?u", "x"):
        yield f"csi_{asked}", f"{ESC}[{asked}{MARK}"
    for asked in ("4;1;?", "10;?", "11;?", "12;?", "52;c;?", "50;?", "60", "1337;ReportCellSize"):
        yield f"osc_{asked}", f"{ESC}]{asked}{BEL}{MARK}"
    yield "decrqss", f'{ESC}P$q"p{ST}{MARK}'
    yield "termcap", f"{ESC}P+q544e{ST}{MARK}"
    yield "enquiry", f"\x05{MARK}"


def _osc() -> Iterator[tuple[str, str]]:
    stolen = base64.b64encode(MARK.encode()).decode()
    bodies = {
        "title": f"0;{MARK}",
        "icon": f"1;{MARK}",
        "window": f"2;{MARK}",
        "x_property": f"3;WM_NAME={MARK}",
        "palette": f"4;1;{MARK}",
        "folder": f"7;file:///{MARK}",
        "link": f"8;;https://example.org/{MARK}",
        "link_id": f"8;id={MARK};javascript:{MARK}",
        "notice": f"9;{MARK}",
        "progress": "9;4;1;50",
        "foreground": f"10;{MARK}",
        "background": f"11;{MARK}",
        "cursor": f"12;{MARK}",
        "pointer": f"22;{MARK}",
        "font": f"50;{MARK}",
        "clipboard": f"52;c;{stolen}",
        "clipboard_selection": f"52;p;{stolen}",
        "clipboard_cleared": "52;c;!",
        "kitty_notice": f"99;i=1;{MARK}",
        "palette_reset": "104",
        "shell": f"133;A;{MARK}",
        "vscode": f"633;E;{MARK}",
        "rxvt": f"777;notify;{MARK};{MARK}",
        "file": f"1337;File=name={stolen}:{stolen}",
        "unknown": f"99999;{MARK}",
        "linux_palette": "P0ffffff",
    }
    for name, body in bodies.items():
        yield name, f"{ESC}]{body}{BEL}{CYRILLIC}"
        yield f"{name}_st", f"{ESC}]{body}{ST}{CYRILLIC}"
        yield f"{name}_c1", f"\x9d{body}{C1_ST}{CYRILLIC}"


def _strings() -> Iterator[tuple[str, str]]:
    """Device control strings, application commands, privacy messages, starts of strings, and their like."""
    bodies = {
        "sixel": f"q#0;2;0;0;0~-{MARK}",
        "keys": f"1;1|17/{MARK}",
        "regis": f"p{MARK}",
        "soft_font": f"1;1;0{{{MARK}",
        "tmux": f"tmux;{ESC}{ESC}]52;c;{MARK}{BEL}",
        "synchronised": f"=1s{MARK}",
    }
    for name, body in bodies.items():
        yield f"dcs_{name}", f"{ESC}P{body}{ST}{CYRILLIC}"
        yield f"dcs_{name}_c1", f"\x90{body}{C1_ST}{CYRILLIC}"
    for name, opening, c1 in (("apc", "_", "\x9f"), ("pm", "^", "\x9e"), ("sos", "X", "\x98")):
        yield name, f"{ESC}{opening}{MARK}{ST}{CYRILLIC}"
        yield f"{name}_c1", f"{c1}{MARK}{C1_ST}{CYRILLIC}"
    yield "kitty_picture", f"{ESC}_Gf=24,s=1,v=1;{MARK}{ST}"
    yield "screen_title", f"{ESC}k{MARK}{ST}"


def _escapes() -> Iterator[tuple[str, str]]:
    for final in map(chr, range(0x30, 0x7F)):
        yield f"final_{ord(final):02x}", f"{ESC}{final}{MARK}"
    for between in " #%()*+-./":
        for final in "0@ABCFG8":
            yield f"charset_{ord(between):02x}_{final}", f"{ESC}{between}{final}{MARK}"
    yield "shifts", f"\x0e{MARK}\x0f{ESC}N{MARK}{ESC}O{MARK}\x8e{MARK}\x8f{MARK}"
    yield "eight_bit_controls", f"{ESC} G{MARK}{ESC} F"


def _broken() -> Iterator[tuple[str, str]]:
    """Sequences that never end, and such as a careless filter joins by what it takes out of their middle."""
    for name, opening in (
        ("csi", "["),
        ("csi_parameters", "[38;5;"),
        ("osc", "]0;"),
        ("osc_link", "]8;;"),
        ("clipboard", "]52;c;"),
        ("dcs", "P"),
        ("apc", "_"),
        ("pm", "^"),
        ("sos", "X"),
    ):
        yield f"unfinished_{name}", f"{CYRILLIC}{ESC}{opening}{MARK}"
    yield "unfinished_escape", f"{CYRILLIC}{ESC}"
    for code in (
        0x00,
        0x07,
        0x08,
        0x0B,
        0x0C,
        0x0D,
        0x18,
        0x1A,
        0x1B,
        0x7F,
        0x9C,
        0xAD,
        0x200B,
        0x2060,
        0xFEFF,
    ):
        split = chr(code)
        yield f"split_csi_{code:04x}", f"{ESC}{split}[2J{ESC}[{split}2J{ESC}[2{split}J{MARK}"
        yield f"split_osc_{code:04x}", f"{ESC}{split}]52;c;{MARK}{BEL}{ESC}]{split}0;{MARK}{split}{BEL}"
    yield "nested", f"{ESC}]0;{ESC}[2J{ESC}]52;c;{MARK}{BEL}{BEL}"
    yield "removed_twice", f"{ESC}{ESC}[2J[2J{MARK}"
    yield "shown_as_caret", f"^[[2J\\x1b[2J\\033[2J␛[2J{MARK}"


# --- letters that deceive ------------------------------------------------------------------------------


def _invisible() -> Iterator[tuple[str, str]]:
    bidi = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    empty = (
        0xAD,
        0x034F,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        0x180E,
        *range(0x200B, 0x200E),
        *range(0x2060, 0x2066),
        *range(0x206A, 0x2070),
        0x2800,
        0x3164,
        0xFEFF,
        0xFFA0,
        *range(0xFFF9, 0xFFFD),
        *range(0x1D173, 0x1D17B),
    )
    for code in (*bidi, *empty):
        yield f"{code:04x}", f"счёт{chr(code)}фактура gpj{chr(code)}.exe"
    yield "bidi_nested", "\u202e" * 200 + "текст" + "\u2066" * 200
    yield (
        "tags",
        "да"
        + "".join(chr(0xE0000 + ord(letter)) for letter in f"ignore this {MARK}")
        + "\U000e0001\U000e007f",
    )
    yield (
        "variations",
        "а" + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0x180B, 0x1810), *range(0xE0100, 0xE01F0)))),
    )
    yield "separators", "строка\u2028строка\u2029абзац\x85ещё\x0bещё\x0cещё"
    yield "only_invisible", "\u200b\u2060\ufeff" * 50
    yield "only_marks", "\u0301" * 50


def _strange() -> Iterator[tuple[str, str]]:
    yield "private_use", "\ue000\uf8ff\U000f0000\U0010fffd"
    yield "noncharacters", "\ufdd0\ufffe\uffff\U0001fffe\U0010ffff"
    yield "unassigned", "\u0378\u2fe0\U000e0fff\U0003ffff"
    yield "marks", "з" + "\u0301\u0336\u20dd\u0e49\u0651" * 400 + "алго" + "\u0489" * 400
    yield (
        "marks_of_many",
        "".join(f"{letter}{chr(0x300 + n % 112) * 9}" for n, letter in enumerate(CYRILLIC * 9)),
    )
    yield "jamo", "\u1100" * 200 + "\u1161" * 200 + "\u11a8" * 200
    yield "prepended", "\u0600\u0601\u06dd\u08e2\U000110bd" * 20
    yield "grows_by_nfkd", "\ufdfa" * 200
    yield "half_surrogates", "а\ud800б\udfffв"
    yield "cesu", "\ud83d\ude00"


def _wide() -> Iterator[tuple[str, str]]:
    yield "cjk", "漢字かな交じり文、全角ＡＢＣ" * 20
    yield "halfwidth", "ﾊﾟﾋﾟﾌﾟ ￦￥" * 20
    yield "ambiguous", "±§¶·×÷ΑΩ①②│┃░▒▓■□▲△◆○●★☆♠♥" * 20
    yield "families", "👨‍👩‍👧‍👦 🏳️‍🌈 🇷🇺 ❤️ 1️⃣ 👋🏽 " * 20
    yield "zwj_chain", "\u200d".join("👨" * 2_000)
    yield "zwj_alone", "а\u200dб\u200d" * 200
    yield "flags_odd", "🇷🇺🇷" * 99
    yield "new_emoji", "\U0001fae8\U0001fadf\U0001faff"
    yield "rtl", "שלום عليكم " * 20


def _floods() -> Iterator[tuple[str, str]]:
    yield "one_line", "А" * 1_048_576
    yield "one_line_of_words", "слово " * 180_000
    yield "one_line_of_escapes", f"щ{ESC}" * 100_000
    yield "one_line_of_marks", "а" + "\u0301" * 100_000
    yield "lines", "строка\n" * 20_000
    yield "empty_lines", "\n" * 100_000
    yield "tabs", "\t" * 20_000
    yield "brackets", "[b]" * 20_000
    yield "carriage_returns", "\r" * 20_000
    yield "emoji", "👨‍👩‍👧‍👦" * 12_000
    yield "blanks", " " * 200_000 + MARK


TEXTS: tuple[Hostile, ...] = (
    *_named("control", _controls()),
    *_named("csi", _csi()),
    *_named("mode", _modes()),
    *_named("question", _questions()),
    *_named("osc", _osc()),
    *_named("string", _strings()),
    *_named("escape", _escapes()),
    *_named("broken", _broken()),
    *_named("invisible", _invisible()),
    *_named("strange", _strange()),
    *_named("wide", _wide()),
    *_named("flood", _floods()),
    *_named("markup", ((str(n), text) for n, text in enumerate(MARKUP))),
    *_named("formula", ((str(n), text) for n, text in enumerate(FORMULAS))),
    *_named("name", ((str(n), text) for n, text in enumerate(NAMES) if text)),
)
"""Every text. Some hold halves of letters, which no charset can write."""

ENCODABLE: tuple[Hostile, ...] = tuple(case for case in TEXTS if not _HALVES.search(case.text))
"""Those that can be written down in UTF-8."""

_SHORT = 1_000


def bundled(cases: Iterable[Hostile] = ENCODABLE, size: int = 60) -> list[str]:
    """The same texts, ``size`` short ones in one, a line each: for what costs too much to be done for each.

    What acts on one character at a time cannot tell. With CUR_SOAK each text stays by itself.
    """
    if SOAK:
        return [case.text for case in cases]
    texts = [case.text for case in cases]
    short = [text for text in texts if len(text) <= _SHORT]
    joined = ["\n".join(short[at : at + size]) for at in range(0, len(short), size)]
    return [text for text in texts if len(text) > _SHORT] + joined
