"""What an answer to a resident must and must not be, checked before a person approves it.

The rules come from published criteria by which regions send answers back for rework, and from the law on
personal data. A rule never judges taste alone: what blocks is certain, what may be wrong only warns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from re import Match, Pattern

from cur_tui.domain.answers import phrases
from cur_tui.domain.answers.rendering import find_unresolved
from cur_tui.domain.texts.mask import find_personal
from cur_tui.domain.vocabulary import AnswerKind, Outcome, Regime, Source

MAX_ANSWER_CHARS = 65_536
MIN_LETTERS = 40
SOCIAL_CHARS = (300, 600)
"""Length of an answer that people read to the end in social networks."""
MAX_ACTS = 2
MAX_CLAUSES = 4
"""One clause of one act is cited as two or three numbers, hence the larger measure."""
MAX_FINDINGS_OF_A_RULE = 50

_FORMAL_CHARS = 250
"""«Рассмотрено» in a text shorter than this says nothing else."""
_REASON_WINDOW = 300
_IDENTITY_NUMBERS = frozenset({"card", "snils", "passport"})
_PUBLIC_SOURCES = frozenset({Source.SOCIAL, Source.MESSENGER, Source.INCIDENT_MGMT})

_MOSCOW = "Единые критерии направления ответов на доработку (Москва), п. {}"
_RYAZAN = "Рекомендации губернатора по ответам жителям (Рязанская область)"
_YAKUTIA = "«Народный контроль» (Якутия), раздел IV"
_PERSONAL_DATA = "152-ФЗ, ст. 7"
_PRACTICE = "Практика региональных центров"


class Severity(StrEnum):
    """A blocking finding forbids approval, a warning asks for a second look, a hint only helps."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a rule weighs and where it comes from."""

    severity: Severity
    source: str


RULES: Mapping[str, Rule] = {
    "answer_empty": Rule(Severity.BLOCK, _MOSCOW.format(1)),
    "answer_too_long": Rule(Severity.BLOCK, _PRACTICE),
    "answer_too_short": Rule(Severity.BLOCK, _MOSCOW.format(1)),
    "unresolved_placeholder": Rule(Severity.BLOCK, _PRACTICE),
    "rating_request_unsolved": Rule(Severity.BLOCK, _RYAZAN),
    "promised_date_missing": Rule(Severity.BLOCK, _MOSCOW.format(1)),
    "promised_date_not_in_text": Rule(Severity.BLOCK, _MOSCOW.format(1)),
    "identity_number": Rule(Severity.BLOCK, _PERSONAL_DATA),
    "birth_date": Rule(Severity.BLOCK, _PERSONAL_DATA),
    "personal_contact": Rule(Severity.WARN, _PERSONAL_DATA),
    "home_address_in_public": Rule(Severity.WARN, _PERSONAL_DATA),
    "health_detail_in_public": Rule(Severity.WARN, "323-ФЗ, ст. 13"),
    "person_named": Rule(Severity.HINT, _YAKUTIA),
    "interim_without_date": Rule(Severity.WARN, _MOSCOW.format(1)),
    "vague_term": Rule(Severity.WARN, _MOSCOW.format(1)),
    "evidence_missing": Rule(Severity.WARN, _MOSCOW.format(2)),
    "legal_references_pile": Rule(Severity.WARN, _MOSCOW.format(3)),
    "full_act_title": Rule(Severity.WARN, _RYAZAN),
    "legal_opening": Rule(Severity.WARN, _PRACTICE),
    "wrong_regime_reference": Rule(Severity.WARN, "Порядок работы с сообщениями из открытых источников"),
    "formal_answer": Rule(Severity.WARN, _MOSCOW.format(1)),
    "impossible_without_reason": Rule(Severity.WARN, _PRACTICE),
    "redirect_without_contact": Rule(Severity.WARN, _PRACTICE),
    "officialese": Rule(Severity.WARN, _RYAZAN),
    "emoji_on_tragedy": Rule(Severity.WARN, _PRACTICE),
    "diminutive_on_tragedy": Rule(Severity.WARN, _PRACTICE),
    "emoji_in_letter": Rule(Severity.HINT, _PRACTICE),
    "unexplained_abbreviation": Rule(Severity.HINT, _YAKUTIA),
    "length_for_social": Rule(Severity.HINT, "Практика региональных центров: короткий ответ читают"),
    "greeting_missing": Rule(Severity.HINT, _PRACTICE),
}
"""Every rule by its stable code; the interface turns the code and the parameters into a sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about ``text[start:end]``; a remark about the whole answer spans all of it."""

    rule: str
    severity: Severity
    start: int
    end: int
    params: Mapping[str, str]
    source: str


def lint(
    text: str,
    *,
    kind: AnswerKind,
    outcome: Outcome | None,
    regime: Regime,
    source: Source,
    promised_date: date | None,
    has_evidence: bool,
) -> tuple[Finding, ...]:
    """Return the remarks about an answer, in the order of the text, in time linear to its length.

    ``outcome`` is None while the author has not chosen one. An answer longer than
    :data:`MAX_ANSWER_CHARS` gets that one remark only.
    """
    draft = _Draft(text, kind, outcome, regime, source, promised_date, has_evidence)
    if not text.strip():
        return (_whole(draft, "answer_empty"),)
    if len(text) > MAX_ANSWER_CHARS:
        return (_whole(draft, "answer_too_long", limit=str(MAX_ANSWER_CHARS)),)
    found: dict[str, list[Finding]] = {}
    for check in _CHECKS:
        for finding in check(draft):
            of_rule = found.setdefault(finding.rule, [])
            if len(of_rule) < MAX_FINDINGS_OF_A_RULE:
                of_rule.append(finding)
    return tuple(
        sorted(
            chain.from_iterable(found.values()),
            key=lambda finding: (finding.start, finding.end, finding.rule),
        )
    )


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether any of ``findings`` forbids to approve or send the answer."""
    return any(finding.severity is Severity.BLOCK for finding in findings)


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    kind: AnswerKind
    outcome: Outcome | None
    regime: Regime
    source: Source
    promised_date: date | None
    has_evidence: bool

    @property
    def is_public(self) -> bool:
        """Whether strangers will read the answer below the post."""
        return self.regime is Regime.OPEN_SOURCE or self.source in _PUBLIC_SOURCES


def _finding(rule: str, start: int, end: int, **params: str) -> Finding:
    return Finding(rule, RULES[rule].severity, start, end, params, RULES[rule].source)


def _whole(draft: _Draft, rule: str, **params: str) -> Finding:
    return _finding(rule, 0, len(draft.text), **params)


def _each(draft: _Draft, rule: str, pattern: Pattern[str]) -> Iterator[Finding]:
    for match in pattern.finditer(draft.text):
        yield _finding(rule, match.start(), match.end(), phrase=match[0])


def _check_substance(draft: _Draft) -> Iterator[Finding]:
    letters = sum(map(str.isalpha, draft.text))
    if letters < MIN_LETTERS:
        yield _whole(draft, "answer_too_short", letters=str(letters), minimum=str(MIN_LETTERS))
    if draft.kind is AnswerKind.FINAL and len(draft.text.strip()) < _FORMAL_CHARS:
        yield from _each(draft, "formal_answer", phrases.CONSIDERED)
    if not phrases.GREETING.match(draft.text):
        yield _finding("greeting_missing", 0, 0)


def _check_placeholders(draft: _Draft) -> Iterator[Finding]:
    for left in find_unresolved(draft.text):
        yield _finding("unresolved_placeholder", left.start, left.end, placeholder=left.name)


def _check_rating_request(draft: _Draft) -> Iterator[Finding]:
    if draft.kind is AnswerKind.INTERIM or draft.outcome is not Outcome.SOLVED:
        yield from _each(draft, "rating_request_unsolved", phrases.ASKS_FOR_RATING)


def _check_dates(draft: _Draft) -> Iterator[Finding]:
    dates = phrases.DATE.finditer(draft.text)
    if draft.outcome is Outcome.PLANNED:
        promised = draft.promised_date
        if promised is None:
            yield _whole(draft, "promised_date_missing")
        elif not any(_names_day(match, promised) for match in dates):
            yield _whole(draft, "promised_date_not_in_text", date=promised.isoformat())
    elif draft.kind is AnswerKind.INTERIM and next(dates, None) is None:
        yield _whole(draft, "interim_without_date")
    yield from _each(draft, "vague_term", phrases.VAGUE_TERM)


def _names_day(match: Match[str], day: date) -> bool:
    """Whether a date in the text means ``day``; a date without a year means the promised one."""
    month = int(match["month"]) if match["month"] else phrases.MONTH_NUMBERS[match["stem"].upper()]
    year = match["year"] or match["long_year"]
    same_year = year is None or int(year) in (day.year, day.year % 100)
    return (int(match["day"]), month) == (day.day, day.month) and same_year


def _check_evidence(draft: _Draft) -> Iterator[Finding]:
    if draft.kind is AnswerKind.FINAL and draft.outcome is Outcome.SOLVED and not draft.has_evidence:
        yield _whole(draft, "evidence_missing")


def _check_law(draft: _Draft) -> Iterator[Finding]:
    acts = list(phrases.ACT_REFERENCE.finditer(draft.text))
    clauses = list(phrases.CLAUSE_REFERENCE.finditer(draft.text))
    if len(acts) > MAX_ACTS or len(clauses) > MAX_CLAUSES:
        start = min(match.start() for match in acts + clauses)
        end = max(match.end() for match in acts + clauses)
        yield _finding("legal_references_pile", start, end, acts=str(len(acts)), clauses=str(len(clauses)))
    if draft.regime is Regime.OPEN_SOURCE:
        yield from _each(draft, "wrong_regime_reference", phrases.STATUTORY_LAW)
    yield from _each(draft, "full_act_title", phrases.FULL_ACT_TITLE)
    yield from _each(draft, "legal_opening", phrases.LEGAL_OPENING)


def _check_personal_data(draft: _Draft) -> Iterator[Finding]:
    # The findings name the kind only: they are stored and logged, the number must not be.
    for found in find_personal(draft.text):
        if found.kind in _IDENTITY_NUMBERS:
            yield _finding("identity_number", found.start, found.end, kind=found.kind)
        elif found.kind == "email" or phrases.MOBILE_PHONE.match(draft.text, found.start, found.end):
            yield _finding("personal_contact", found.start, found.end, kind=found.kind)
    for match in phrases.BIRTH_DATE.finditer(draft.text):
        yield _finding("birth_date", match.start(), match.end())


def _check_publicity(draft: _Draft) -> Iterator[Finding]:
    if not draft.is_public:
        return
    for match in phrases.HOME_ADDRESS.finditer(draft.text):
        yield _finding("home_address_in_public", match.start(), match.end())
    for match in phrases.HEALTH_DETAIL.finditer(draft.text):
        yield _finding("health_detail_in_public", match.start(), match.end())


def _check_names(draft: _Draft) -> Iterator[Finding]:
    """Hint at people named in the text; the last line is the signature, which names an official."""
    body_end = draft.text.rstrip().rfind("\n") + 1
    for match in phrases.PERSON.finditer(draft.text, 0, body_end):
        yield _finding("person_named", match.start(), match.end())


def _check_refusals(draft: _Draft) -> Iterator[Finding]:
    for match in phrases.IMPOSSIBLE.finditer(draft.text):
        around = draft.text[max(0, match.start() - _REASON_WINDOW) : match.end() + _REASON_WINDOW]
        if not phrases.GIVES_REASON.search(around):
            yield _finding("impossible_without_reason", match.start(), match.end(), phrase=match[0])
    if not phrases.CONTACT.search(draft.text):
        yield from _each(draft, "redirect_without_contact", phrases.SENDS_ELSEWHERE)


def _check_style(draft: _Draft) -> Iterator[Finding]:
    for pattern, suggestion in phrases.OFFICIALESE:
        for match in pattern.finditer(draft.text):
            yield _finding("officialese", match.start(), match.end(), phrase=match[0], suggestion=suggestion)


def _check_tact(draft: _Draft) -> Iterator[Finding]:
    if phrases.TRAGEDY.search(draft.text):
        yield from _each(draft, "emoji_on_tragedy", phrases.EMOJI)
        yield from _each(draft, "diminutive_on_tragedy", phrases.DIMINUTIVE)
    elif draft.regime is Regime.FZ59:
        yield from _each(draft, "emoji_in_letter", phrases.EMOJI)


def _check_abbreviations(draft: _Draft) -> Iterator[Finding]:
    """Hint at the first use of a trade abbreviation, unless the text explains it in brackets."""
    seen: set[str] = set()
    for match in phrases.ABBREVIATION.finditer(draft.text):
        short = match[0]
        if short in seen or short not in phrases.ABBREVIATIONS:
            continue
        seen.add(short)
        before, after = draft.text[max(0, match.start() - 1) : match.start()], draft.text[match.end() :][:2]
        if before != "(" and after != " (":
            yield _finding(
                "unexplained_abbreviation",
                match.start(),
                match.end(),
                abbreviation=short,
                suggestion=phrases.ABBREVIATIONS[short],
            )


def _check_length(draft: _Draft) -> Iterator[Finding]:
    shortest, longest = SOCIAL_CHARS
    length = len(draft.text.strip())
    # An interim answer may be as short as it likes.
    too_short = draft.kind is AnswerKind.FINAL and length < shortest
    if draft.is_public and (too_short or length > longest):
        yield _whole(
            draft, "length_for_social", length=str(length), minimum=str(shortest), maximum=str(longest)
        )


_CHECKS: tuple[Callable[[_Draft], Iterator[Finding]], ...] = (
    _check_substance,
    _check_placeholders,
    _check_rating_request,
    _check_dates,
    _check_evidence,
    _check_law,
    _check_personal_data,
    _check_publicity,
    _check_names,
    _check_refusals,
    _check_style,
    _check_tact,
    _check_abbreviations,
    _check_length,
)
