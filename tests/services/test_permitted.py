"""What a person is offered for an appeal."""

import pytest

from cur_tui.domain.vocabulary import Regime
from cur_tui.services.permitted import possible_commands
from tests.factories import actor, make_appeal, make_rulebook


@pytest.mark.parametrize("regime", list(Regime))
def test_a_statutory_appeal_is_offered_special_handling_and_everything_else_rejection(regime: Regime) -> None:
    offered = set(possible_commands(make_appeal(regime=regime), actor(), make_rulebook()))
    statutory = regime is Regime.FZ59
    assert offered & {"reject", "handle_specially"} == {"handle_specially" if statutory else "reject"}
