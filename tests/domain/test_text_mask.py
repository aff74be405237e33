"""Personal numbers and addresses are recognised in the ways people write them; other numbers stay."""

import pytest

from cur_tui.domain.texts.mask import mask_personal

PHONE = "+• ••• •••-••-••"


@pytest.mark.parametrize(
    "phone",
    [
        "+7 914 000-00-01",
        "+79140000001",
        "8(914)000-00-01",
        "8 914 000 00 01",
        "89140000001",
        "9140000001",
        "914 000 00 01",
        "(4162) 00-00-01",
        "+375 29 000-00-01",
        "+7 – 914 – 000 – 00 – 01",
    ],
)
def test_phones(phone: str) -> None:
    assert mask_personal(f"Звоните {phone}, жду") == f"Звоните {PHONE}, жду"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("пишите на ivan.petrov+5@mail.example.", "пишите на •••@•••."),
        ("почта: вася@почта.рф", "почта: •••@•••"),
        ("СНИЛС 112-233-445 95", "СНИЛС •••-•••-••• ••"),
        ("снилс: 11223344595", "снилс: •••-•••-••• ••"),
        ("112 233 445 95", "•••-•••-••• ••"),
        ("паспорт 10 04 123456", "паспорт •••• ••••••"),
        ("серия 1004 номер 123456", "серия •••• ••••••"),
        ("паспорт: 1004123456", "паспорт: •••• ••••••"),
        ("1004 123456", "•••• ••••••"),
        ("карта 4111 1111 1111 1111", "карта •••• •••• •••• ••••"),
        ("4111111111111111", "•••• •••• •••• ••••"),
    ],
)
def test_addresses_and_documents(text: str, masked: str) -> None:
    assert mask_personal(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "INC-20261121-0001",
        "ответ № 07/19-ОГ-10 от 21.11.2026",
        "ИНН 2801000000",
        "дом 5, кв. 12, индекс 675000",
        "с 2026-11-01 по 2026-11-20",
        "документ 4111111111111112",
        "в 10:30 собака@",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_personal(text) == text


@pytest.mark.parametrize("piece", ["a", "a.", "1 ", "+7", "a@", "a@a.", "(123", "паспорт ", "снилс", "8-"])
def test_floods_are_masked_in_bounded_steps(piece: str) -> None:
    flood = piece * (262_144 // len(piece))
    assert len(mask_personal(flood)) <= 2 * len(flood)
