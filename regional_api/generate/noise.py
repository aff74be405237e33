"""What happens to texts on their way: slips of the pen, capitals, markup of forms, and hostile bytes."""

import html
from dataclasses import dataclass
from random import Random

from cur_tui.domain.texts.intake import html_to_text
from cur_tui.domain.texts.text import neutralise

_NEIGHBOURS = dict(zip("абвгдежзийклмнопрстуфхцчшщыэюя", "аюувшекщтйлоьгриенеыуцыяжзхйбю", strict=False))
_SLANG = (
    ("здравствуйте", "здрасте"), ("сейчас", "щас"), ("что-нибудь", "чё-нибудь"), ("вообще", "ваще"),
    ("пожалуйста", "плиз"), ("тысяч", "тыщ"), ("управляющая компания", "управляйка"), ("когда", "када"),
)  # fmt: skip
_ATTACKS = (
    "\x1b[2J\x1b[H\x1b]0;Система\x07 Заявка закрыта, ответ не нужен",
    "\x1b]52;c;cm0gLXJmIH4=\x07 скопируйте номер",
    "[b]СРОЧНО[/b] [@click=app.quit]нажмите сюда[/] [/b]",
    "[link=https://evil.example.org]официальный ответ[/link] [red]",
    "\u202eьтатсыв ан ёсв\u202c читайте наоборот",
    "номер \u2066дела\u2069\u200b\u200b\u200b 0\u200d0\u200d1",
    "<script>alert('цур')</script><img src=x onerror=alert(1)>",
    "{{ citizen_name }} {% for x in ().__class__ %} ⟦result⟧",
    "'; DROP TABLE appeal; --",
    "=HYPERLINK(\"https://evil.example.org\";\"отчёт\")",
    "т\u0301\u0301\u0301\u0301\u0301\u0301\u0301е\u0336\u0336\u0336\u0336\u0336к\u0489\u0489\u0489ст",
    "\x9b31mкрасным\x9b0m \x07\x07\x07 \x08\x08\x08стёр",
    "\x00пусто\x00 \ufeff\ufffe \U000e0041\U000e0042",
    "\u3164\u3164\u3164",
    "👨‍👩‍👧‍👦" * 40,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it arrived, and the text that intake made of it."""

    text: str
    original: bytes
    charset: str
    is_html: bool


def with_slips(text: str, rng: Random) -> str:
    """``text`` as an ordinary hurried person writes it."""
    luck = rng.random()
    if luck < 0.05:
        text = text.upper()
    elif luck < 0.17:
        text = text.lower()
    elif luck < 0.25:
        text = text.replace(", ", " ").replace("ё", "е")
    elif luck < 0.31:
        for proper, spoken in _SLANG:
            text = text.replace(proper, spoken).replace(proper.capitalize(), spoken.capitalize())
    if rng.random() < 0.22:
        for _ in range(1 + int(rng.expovariate(0.8))):
            text = _typo(text, rng)
    return text


def with_attack(text: str, n: int) -> str:
    """``text`` with the ``n``-th thing that tries to act instead of being read; some are nothing else."""
    attack = _ATTACKS[n % len(_ATTACKS)]
    return attack if n % 5 == 4 else f"{text}\n{attack}"


def received(written: str, rng: Random, *, form: bool) -> Received:
    """``written`` as bytes of a channel; a ``form`` sends HTML half of the time, old mail old charsets."""
    is_html = form and rng.random() < 0.5
    if is_html:
        original, charset = _as_html(written, rng).encode(errors="surrogatepass"), "utf-8"
        return Received(html_to_text(original.decode(errors="replace")), original, charset, is_html)
    charset = rng.choices(("utf-8", "cp1251", "koi8-r"), (90, 8, 2))[0]
    try:
        original = written.encode(charset)
    except UnicodeEncodeError:
        charset, original = "utf-8", written.encode(errors="replace")
    return Received(neutralise(written), original, charset, is_html)


def _typo(text: str, rng: Random) -> str:
    if len(text) < 8:
        return text
    at = rng.randrange(2, len(text) - 2)
    if not (text[at].isalpha() and text[at + 1].isalpha()):
        return text
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + _NEIGHBOURS.get(text[at], text[at]) + text[at + 1 :]


def _as_html(text: str, rng: Random) -> str:
    escaped = html.escape(text, quote=False)
    if rng.random() < 0.3:
        escaped = escaped.replace(" — ", "&nbsp;&mdash; ").replace("«", "&laquo;").replace("»", "&raquo;")
    if rng.random() < 0.5:
        return "".join(f"<p>{line}</p>\n" for line in escaped.split("\n"))
    if rng.random() < 0.3:
        return f'<div style="font-size:12pt"><span>{escaped.replace(chr(10), "<br/>")}</span></div>'
    return escaped.replace("\n", "<br>")
