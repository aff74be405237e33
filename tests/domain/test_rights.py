"""Who may do and see what, by the role data of the shipped regions."""

import pytest

from cur_tui.domain.lifecycle import TRANSITIONS
from cur_tui.domain.profile.load import load_region, region_codes
from cur_tui.domain.rights import Actor, Permission, can, can_see, permissions_of
from cur_tui.domain.vocabulary import Role

AMUR = load_region("amur")
EVERYWHERE = [Role.BLOCK_OPERATOR, Role.SECONDED_AGENT, Role.APPROVER, Role.SUPERVISOR, Role.OBSERVER]


def actor(role: Role, *blocks: str, authority: str | None = None) -> Actor:
    return Actor("a-1", "Полынь Вера", role, frozenset(blocks), authority)


MATRIX = [
    (Role.BLOCK_OPERATOR, "claim note triage answer deliver see_personal_data"),
    (Role.SECONDED_AGENT, "claim note answer see_personal_data"),
    (Role.APPROVER, "claim note approve see_personal_data"),
    (
        Role.SUPERVISOR,
        "see_all see_personal_data see_restricted claim note triage answer approve "
        "supervise deliver view_journal",
    ),
    (Role.OBSERVER, "see_all note"),
    (Role.ADMINISTRATOR, "manage_accounts view_journal"),
    (Role.CURATOR, "see_all disclose_personal_data view_journal"),
]


@pytest.mark.parametrize("code", region_codes())
@pytest.mark.parametrize(("role", "expected"), MATRIX, ids=[role.value for role, _ in MATRIX])
def test_rights_of_a_role(code: str, role: Role, expected: str) -> None:
    assert permissions_of(load_region(code), role) == frozenset(expected.split())


def test_the_desk_roles_exist_in_every_region() -> None:
    for code in region_codes():
        region = load_region(code)
        assert all(permissions_of(region, role) for role in EVERYWHERE)
        assert all(rights.source for rights in region.roles)


def test_roles_follow_the_founding_act() -> None:
    assert permissions_of(AMUR, Role.DEPUTY_CURATOR) == permissions_of(AMUR, Role.CURATOR)
    assert permissions_of(load_region("kursk"), Role.DEPUTY_CURATOR) == frozenset()
    assert permissions_of(load_region("orenburg"), Role.BLOCK_OWNER) == frozenset()


def test_nobody_who_works_on_appeals_keeps_the_accounts() -> None:
    for code in region_codes():
        for rights in load_region(code).roles:
            if "manage_accounts" in rights.permissions:
                assert rights.role is Role.ADMINISTRATOR


def test_every_command_of_the_lifecycle_needs_a_known_permission_that_somebody_holds() -> None:
    for code in region_codes():
        held = frozenset[str]().union(*(rights.permissions for rights in load_region(code).roles))
        assert {row.permission for row in TRANSITIONS} <= set(Permission)
        assert {row.permission for row in TRANSITIONS} <= held


def test_can() -> None:
    assert can(AMUR, actor(Role.BLOCK_OPERATOR, "roads"), "triage")
    assert not can(AMUR, actor(Role.BLOCK_OPERATOR, "roads"), "approve")
    assert not can(load_region("kursk"), actor(Role.DEPUTY_CURATOR), "approve")


def test_a_misspelt_permission_is_an_error_and_not_a_refusal() -> None:
    with pytest.raises(ValueError, match="aprove"):
        can(AMUR, actor(Role.APPROVER), "aprove")


@pytest.mark.parametrize(
    ("who", "block", "authority", "restricted", "seen"),
    [
        (actor(Role.BLOCK_OPERATOR, "roads"), "roads", None, False, True),
        (actor(Role.BLOCK_OPERATOR, "roads"), "health", None, False, False),
        (actor(Role.BLOCK_OPERATOR, "roads"), None, None, False, False),
        (actor(Role.BLOCK_OPERATOR, "general"), None, None, False, True),
        (actor(Role.BLOCK_OPERATOR, "general"), "general", None, True, False),
        (actor(Role.SECONDED_AGENT, authority="amur_health"), "social", "amur_health", False, True),
        (actor(Role.SECONDED_AGENT, authority="amur_health"), "health", "amur_social", False, False),
        (actor(Role.SECONDED_AGENT), "health", None, False, False),
        (actor(Role.SECONDED_AGENT, authority="amur_health"), "general", "amur_health", True, False),
        (actor(Role.SUPERVISOR), "waste", None, False, True),
        (actor(Role.SUPERVISOR), None, None, True, True),
        (actor(Role.OBSERVER), "waste", "amur_nature", False, True),
        (actor(Role.OBSERVER), "general", None, True, False),
        (actor(Role.ADMINISTRATOR), "waste", None, False, False),
        (actor(Role.BLOCK_OWNER, "waste", "ecology"), "ecology", None, False, True),
    ],
)
def test_can_see(who: Actor, block: str | None, authority: str | None, restricted: bool, seen: bool) -> None:
    assert can_see(AMUR, who, block=block, authority=authority, restricted=restricted) is seen


def test_a_role_unknown_to_the_region_sees_nothing_even_of_its_own_block() -> None:
    stranger = actor(Role.DEPUTY_CURATOR, "roads", authority="kursk_transport")
    kursk = load_region("kursk")
    assert not can_see(kursk, stranger, block="roads", authority="kursk_transport", restricted=False)
