"""How the tables of word forms are made of a dictionary."""

from cur_tui.domain.language.stems import _stemmer
from tools.word_forms import Lexeme, fold, tables


def lexeme(*forms: str) -> Lexeme:
    made = Lexeme()
    for form in map(fold, forms):
        stem = _stemmer()(form)
        made.forms[stem].append(form)
        made.finite[stem] += 1
    return made


def test_a_word_of_one_stem_needs_no_table() -> None:
    assert tables([lexeme("дорога", "дорогу", "дорог")], {"дорога": 3}) == ({}, [])


def test_the_stems_of_a_word_find_each_other() -> None:
    exceptions, (group,) = tables([lexeme("лёд", "льда", "льду")], {"лед": 2, "льду": 1})
    assert exceptions == {}
    assert sorted(group.line().split()) == sorted({_stemmer()(form) for form in ("лед", "льда", "льду")})


def test_a_form_that_looks_like_another_word_gets_the_stem_of_its_own() -> None:
    words = [lexeme("замена", "замену", "замене", "заменам"), lexeme("зам", "зама", "замы")]
    exceptions, groups = tables(words, {"замена": 4, "замену": 2, "зам": 3})
    assert exceptions == {"замена": "замен"}
    assert not any("зам" in group.line().split() for group in groups)


def test_a_form_of_two_words_leads_to_both_but_does_not_join_them() -> None:
    leak, flow = lexeme("течь", "течи", "течью"), lexeme("течь", "тек", "теку", "текут", "текли", "текло")
    _, groups = tables([leak, flow], {"течи": 2, "течь": 5, "тек": 3, "течью": 1})
    (line,) = [group.line().split() for group in groups]
    assert {">теч", "=течь"} <= set(line)
    assert "теч" not in line
