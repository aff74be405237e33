"""Taking the next appeal: the server decides while it can be asked, this machine's own list otherwise."""

from cur_tui.domain.model import Appeal
from cur_tui.domain.query.format import format_query
from cur_tui.domain.query.query import Query
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.sync.faults import NoContact


def take_next(desk: Desk, exchange: Exchange, query: Query) -> Appeal | None:
    """Claim the most urgent appeal of ``query`` that nobody holds; None when there is none. Blocks.

    Without contact the claim waits in the outbox like every act, and a colleague may have been quicker.
    Raises what the server or the rules refuse.
    """
    if exchange.in_contact:
        try:
            return exchange.next(format_query(query, desk.lists.vocabulary))
        except NoContact:
            pass  # The server went away meanwhile: go on without it.
    free = desk.lists.first_unheld(query)
    return desk.do("claim", free).appeal if free is not None else None
