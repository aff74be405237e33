"""Long polls: waiting for news while holding neither a thread nor a connection of the database."""

import asyncio

from starlette.concurrency import run_in_threadpool

from regional_api.centre import Centre
from regional_api.feed.pages import Page, has_news, next_page
from regional_api.identity import sessions
from regional_api.identity.callers import Caller


async def page_with_news(
    centre: Centre, caller: Caller, cursor: str, limit: int, wait: float, look_again: float
) -> Page:
    """The page behind ``cursor`` as soon as it has a line for the caller, or after ``wait`` seconds as it is.

    The caller's rights are looked at anew every time: they may end while they wait.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + wait
    page, news = await run_in_threadpool(_look, centre, caller, cursor, limit, False)
    while not news:
        left = end - loop.time()
        if left <= 0 or centre.database.bell.stopped:
            break
        await centre.database.bell.wait(min(left, look_again))
        page, news = await run_in_threadpool(_look, centre, caller, cursor, limit, True)
    return page


def _look(centre: Centre, caller: Caller, cursor: str, limit: int, again: bool) -> tuple[Page, bool]:
    current = sessions.renew(centre, caller) if again else caller
    with centre.database.reading() as connection:
        page = next_page(connection, centre, current, cursor, limit)
        return page, not page.is_empty and has_news(connection, page)
