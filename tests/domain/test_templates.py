"""The shared answer texts and fast tracks, and the engine that fills them."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cur_tui.domain.answers.lint import Severity, lint
from cur_tui.domain.answers.rendering import (
    MAX_BODY_CHARS,
    MAX_DEPTH,
    MAX_EXPRESSIONS,
    MAX_VALUE_CHARS,
    PLACEHOLDERS,
    Rendered,
    TemplateError,
    placeholders_of,
    render,
    unresolved,
)
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.profile import AnswerTemplate, FastTrack, FastTrackStep
from cur_tui.domain.texts.text import neutralise
from cur_tui.domain.vocabulary import (
    AnswerKind,
    Outcome,
    Regime,
    Role,
    Source,
    TemplateKind,
    TimeUnit,
)

SHARED = files("cur_tui.domain") / "regions" / "shared"


def _rows(file: str, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((SHARED / file).read_text("utf-8"))[table]
    return rows


TEMPLATES = _rows("templates.toml", "template")
TRACKS = _rows("fast_tracks.toml", "fast_track")
TOPICS = {row["code"]: row for row in _rows("topics.toml", "topic")}
BY_CODE = {row["code"]: row for row in TEMPLATES}

VALUES = {
    "incident_code": "АМ-2026-000417",
    "registration_date": "20.11.2026",
    "citizen_name": "Анна Петровна",
    "address": "г. Белогорка, ул. Зелёная, 5",
    "topic": "Ямы на дороге",
    "question": "Подскажите, с какого дня и в какое время это происходит?",
    "result": "Мастер осмотрел место вместе с жителями и составил список работ, материалы уже привезли.",
    "authority": "Управление благоустройства",
    "authority_signature": "Управление благоустройства",
    "executor_phone": "8 (4162) 00-11-22",
    "due_date": "25.11.2026",
    "planned_date": "05.12.2026",
    "done_date": "24.11.2026",
    "forwarded_to": "Государственная инспекция труда",
    "legal_basis_short": "часть 2 статьи 11 закона № 59-ФЗ",
    "answer_url": "https://region.example/answers/17",
    "photo_links": "https://region.example/photo/1",
}


def _ids(row: dict[str, Any]) -> str:
    return str(row["code"])


# --- the engine ------------------------------------------------------------------------------------


def test_a_value_replaces_its_placeholder() -> None:
    assert render("Номер {{ incident_code }}.", {"incident_code": "17"}) == Rendered("Номер 17.", ())


def test_a_missing_value_is_shown_and_listed_once() -> None:
    body = "{{ address }} и ещё раз {{ address }}, {{ topic }}"
    assert render(body, {"topic": " "}) == Rendered(
        "⟦address⟧ и ещё раз ⟦address⟧, ⟦topic⟧", ("address", "topic")
    )


@pytest.mark.parametrize(
    ("body", "empty", "filled"),
    [
        ('{{ citizen_name or "житель" }}', "житель", "Анна Петровна"),
        ("{% if address %}дом: {{ address }}{% endif %}.", ".", "дом: г. Белогорка, ул. Зелёная, 5."),
        ("{% if not topic %}нет{% else %}есть{% endif %}", "нет", "есть"),
        ("{% if topic and address %}оба{% elif topic or address %}один{% endif %}!", "!", "оба!"),
        ("{# служебная пометка #}Текст", "Текст", "Текст"),
    ],
)
def test_fallbacks_and_conditions(body: str, empty: str, filled: str) -> None:
    assert render(body, {}) == Rendered(empty, ())
    assert render(body, VALUES) == Rendered(filled, ())


def test_a_fallback_to_another_missing_placeholder_still_blocks() -> None:
    assert render("{{ citizen_name or topic }}", {}) == Rendered("⟦topic⟧", ("topic",))


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7 * 7 }}",
        "{% for x in y %}",
        "{{ authority_signature }}",
        "⟦ %s {0} ${x} \\n </b> [red]",
        "{#",
        "}}",
    ],
)
def test_a_citizens_text_stays_what_it_is(hostile: str) -> None:
    given_values = {"address": hostile, "authority_signature": "ТАЙНА"}
    rendered = render("<{{ address }}>{% if authority_signature %}.{% endif %}", given_values)
    assert rendered == Rendered(f"<{hostile}>.", ())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{{ passport }}", "template_unknown_placeholder"),
        ("{{ self }}", "template_unknown_placeholder"),
        ("{{ ａddress }}", "template_unknown_placeholder"),
        ("{{ topic.__class__ }}", "template_forbidden"),
        ("{{ topic['x'] }}", "template_forbidden"),
        ("{{ topic() }}", "template_forbidden"),
        ("{{ range(10 ** 9) }}", "template_forbidden"),
        ("{{ topic | upper }}", "template_forbidden"),
        ("{% if topic is defined %}{% endif %}", "template_forbidden"),
        ("{{ topic ~ address }}", "template_forbidden"),
        ("{{ topic * 1000000 }}", "template_forbidden"),
        ("{{ topic if address }}", "template_forbidden"),
        ("{{ not topic }}", "template_forbidden"),
        ("{{ 42 }}", "template_forbidden"),
        ("{{ [topic] }}", "template_forbidden"),
        ("{% for x in topic %}{% endfor %}", "template_forbidden"),
        ("{% set topic = 'x' %}", "template_forbidden"),
        ("{% include 'x' %}", "template_forbidden"),
        ("{% import 'x' as y %}", "template_forbidden"),
        ("{% extends 'x' %}", "template_forbidden"),
        ("{% macro m() %}{% endmacro %}", "template_forbidden"),
        ("{% block b %}{% endblock %}", "template_forbidden"),
        ("{% if topic %}", "template_syntax"),
        ("{{ topic", "template_syntax"),
        ("{{ " + "9" * 5000 + " }}", "template_forbidden"),
        ("{{ " + "(" * 3000 + "topic" + ")" * 3000 + " }}", "template_too_complex"),
        ("{% if " + "not " * (MAX_DEPTH + 1) + "topic %}{% endif %}", "template_too_complex"),
        ("{% if topic %}" * (MAX_DEPTH + 1) + "{% endif %}" * (MAX_DEPTH + 1), "template_too_complex"),
        ("{{ topic }}" * (MAX_EXPRESSIONS + 1), "template_too_complex"),
        ("а" * (MAX_BODY_CHARS + 1), "template_too_long"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_language_is_closed(body: str, code: str) -> None:
    for use in (lambda: render(body, VALUES), lambda: placeholders_of(body)):
        with pytest.raises(TemplateError) as refused:
            use()
        assert refused.value.code == code


def test_a_huge_value_is_refused() -> None:
    assert render("{{ result }}", {"result": "а" * MAX_VALUE_CHARS}).missing == ()
    with pytest.raises(TemplateError) as refused:
        render("{{ result }}", {"result": "а" * (MAX_VALUE_CHARS + 1)})
    assert (refused.value.code, refused.value.params["name"]) == ("template_value_too_long", "result")


_PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", " if ", " endif ", " else ", " or ", " not ", " topic ", " address ",
     "(", ")", '"', "|", ".", "\\x", "1e999", "0x", "-", "for x in ", "raw", "endraw", "\ud800",
     "\x00", "текст"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=25).map("".join), st.text(max_size=200)))
@example("{{ '\\N{nothing}' }}")
@example("{% if topic %}" * 200)
def test_any_body_renders_or_is_refused(body: str) -> None:
    try:
        rendered = render(body, {"topic": "тема"})
    except TemplateError:
        return
    assert set(rendered.missing) <= set(placeholders_of(body)) <= set(PLACEHOLDERS)
    assert set(rendered.missing) <= set(unresolved(rendered.text))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text(max_size=60)))
def test_every_value_arrives_neutral_and_else_unchanged(values: dict[str, str]) -> None:
    body = "|".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS)
    rendered = render(body, values)
    shown = {name: neutralise(values.get(name, "")).strip() for name in PLACEHOLDERS}
    assert rendered.text == "|".join(value or f"⟦{name}⟧" for name, value in shown.items())
    assert rendered.missing == tuple(name for name, value in shown.items() if not value)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ответ готов.", ()),
        ("Срок ⟦due_date⟧, срок ⟦due_date⟧", ("due_date",)),
        ("{{ address }} и {% if topic %}", ("address", "if topic")),
        ("⟦due_date", ("⟦",)),
        ("осталось }} от правки", ("}}",)),
        ("Скидка 5 % {за всё}", ()),
    ],
)
def test_leftovers_of_a_template_are_found(text: str, left: tuple[str, ...]) -> None:
    assert unresolved(text) == left


def test_the_engine_is_loaded_only_when_it_renders() -> None:
    program = (
        "import sys, cur_tui.domain.answers.rendering as r\n"
        "assert 'jinja2' not in sys.modules\n"
        "r.render('{{ topic }}', {})\n"
        "assert 'jinja2' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# --- the texts -------------------------------------------------------------------------------------


def test_every_kind_has_a_general_text() -> None:
    general = {row["kind"] for row in TEMPLATES if not row.get("block") and not row.get("topics")}
    assert general == {kind.value for kind in TemplateKind}


def test_codes_are_unique() -> None:
    assert len(BY_CODE) == len(TEMPLATES) >= 40
    assert len({row["code"] for row in TRACKS}) == len(TRACKS)


@pytest.mark.parametrize("row", TEMPLATES, ids=_ids)
def test_template_is_well_formed(row: dict[str, Any]) -> None:
    assert set(row) <= {field.name for field in fields(AnswerTemplate)}
    assert set(row.get("topics", ())) <= set(TOPICS)
    assert {Regime(regime) for regime in row.get("regimes", ())} <= set(Regime)
    assert {Source(channel) for channel in row.get("channels", ())} <= set(Source)
    assert row["version"] >= 1
    assert row["author"] != row["approver"]
    assert row["body"].rstrip().endswith("{{ authority_signature }}")


@pytest.mark.parametrize("row", TEMPLATES, ids=_ids)
def test_template_renders_fully(row: dict[str, Any]) -> None:
    rendered = render(row["body"], VALUES)
    assert rendered.missing == ()
    assert unresolved(rendered.text) == ()
    for name in placeholders_of(row["body"]):
        assert VALUES[name] in rendered.text


@pytest.mark.parametrize("row", TEMPLATES, ids=_ids)
def test_template_names_exactly_what_is_missing(row: dict[str, Any]) -> None:
    """Optional is only what the text can do without; leaving out any other value names that one alone."""
    required = render(row["body"], {}).missing
    assert set(required) == set(unresolved(render(row["body"], {}).text))
    assert set(placeholders_of(row["body"])) - set(required) <= {
        "citizen_name", "address", "answer_url", "photo_links", "legal_basis_short",
    }  # fmt: skip
    for name in required:
        others = {key: value for key, value in VALUES.items() if key != name}
        assert render(row["body"], others).missing == (name,)


_MEANT_FOR = {
    TemplateKind.FINAL_SOLVED: (AnswerKind.FINAL, Outcome.SOLVED),
    TemplateKind.FINAL_EXPLAINED: (AnswerKind.FINAL, Outcome.EXPLAINED),
    TemplateKind.FINAL_REFUSED: (AnswerKind.FINAL, Outcome.REJECTED),
    TemplateKind.FORWARDED: (AnswerKind.FINAL, Outcome.FORWARDED),
    TemplateKind.PLANNED_WITH_DATE: (AnswerKind.FINAL, Outcome.PLANNED),
}

_NEED_NO_DATE = {TemplateKind.THANKS, TemplateKind.PRIVATE_CHANNEL_REQUEST}


@pytest.mark.parametrize("row", TEMPLATES, ids=_ids)
def test_template_passes_our_own_rules(row: dict[str, Any]) -> None:
    kind = TemplateKind(row["kind"])
    answer_kind, outcome = _MEANT_FOR.get(kind, (AnswerKind.INTERIM, None))
    found = lint(
        render(row["body"], VALUES).text,
        kind=answer_kind,
        outcome=outcome,
        regime=Regime(row.get("regimes", ["pos_message"])[0]),
        source=Source.POS,
        promised_date=date(2026, 12, 5) if outcome is Outcome.PLANNED else None,
        has_evidence=True,
    )
    undated = {"interim_without_date"} if kind in _NEED_NO_DATE else set()
    assert [f for f in found if f.severity is not Severity.HINT and f.rule not in undated] == []


# --- the fast tracks -------------------------------------------------------------------------------


def test_the_fifteen_schemes_are_there() -> None:
    assert {row["code"] for row in TRACKS} == {
        "ft_pothole", "ft_sign_missing", "ft_barrier", "ft_snow_yard", "ft_container_site", "ft_heating",
        "ft_power", "ft_water", "ft_roof_leak", "ft_doctor_appointment", "ft_discount_medicine",
        "ft_stray_dogs", "ft_manhole", "ft_street_light", "ft_school_safety",
    }  # fmt: skip
    assert {row["status"] for row in TRACKS} == {"approved", "draft"}


@pytest.mark.parametrize("row", TRACKS, ids=_ids)
def test_track_is_well_formed(row: dict[str, Any]) -> None:
    assert set(row) - {"step"} <= {field.name for field in fields(FastTrack)}
    assert row["topics"]
    assert set(row["topics"]) <= set(TOPICS)
    assert row["block"] in {TOPICS[topic]["block"] for topic in row["topics"]}
    assert row["limit"]
    assert row["limit_source"]
    assert row["required_inputs"]
    assert ("season_from" in row) == ("season_to" in row)


@pytest.mark.parametrize("row", TRACKS, ids=_ids)
def test_track_ends_in_answers_that_exist(row: dict[str, Any]) -> None:
    interim, final = BY_CODE[row["interim_template"]], BY_CODE[row["final_template"]]
    assert (interim["kind"], final["kind"]) == ("interim", "final_solved")
    for template in (interim, final):
        assert set(row["topics"]) <= set(template.get("topics", row["topics"]))
    assert row["step"][-1]["action"] == "final_answer"


_EVIDENCE = {"", "text", "external_number", "photo_before", "photo_after", "act", "contact"}


@pytest.mark.parametrize("row", TRACKS, ids=_ids)
def test_steps_are_numbered_proved_and_timed(row: dict[str, Any]) -> None:
    steps = row["step"]
    assert [step["n"] for step in steps] == list(range(1, len(steps) + 1))
    assert any(step.get("evidence") for step in steps)
    for step in steps:
        assert set(step) <= {field.name for field in fields(FastTrackStep)}
        assert Role(step["role"])
        assert TimeUnit(step["due_unit"])
        assert step["due_amount"] > 0
        assert step.get("evidence", "") in _EVIDENCE


@pytest.mark.parametrize("row", TRACKS, ids=_ids)
def test_the_answer_keeps_the_accelerated_term(row: dict[str, Any]) -> None:
    """Ten calendar days on the federal platform; five working days fit into them in an ordinary fortnight."""
    longest = {TimeUnit.CALENDAR_DAY: 10, TimeUnit.WORKING_DAY: 5, TimeUnit.CLOCK_HOUR: 240}
    for step in row["step"]:
        assert step["due_amount"] <= longest.get(TimeUnit(step["due_unit"]), 8 * 60)


def test_a_text_of_a_sector_says_for_which_topics_it_is() -> None:
    scoped = [t for t in load_region("amur").templates if t.block is not None and not t.topics]
    assert {t.kind for t in scoped} == {TemplateKind.PRIVATE_CHANNEL_REQUEST}


def test_no_text_gives_the_telephone_to_somebody_whose_it_may_not_be() -> None:
    """``executor_phone`` is the telephone of the body that answers, whichever that is."""
    owner = re.compile(
        r"(диспетчер|оператор|мастер|инспекци|регистратур|компани|служб)\w*:? \{\{ executor_phone"
    )
    assert [t.code for t in load_region("amur").templates if owner.search(t.body)] == []


def test_whoever_is_refused_for_abuse_is_told_that_abuse_of_the_right_is_not_allowed() -> None:
    """59-ФЗ art. 11 part 3."""
    body = next(t.body for t in load_region("amur").templates if t.code == "tpl_refused_abusive")
    assert "Злоупотреблять правом на обращение недопустимо" in body
