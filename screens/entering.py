"""From the start to a desk to work at: the last workplace again, a sign-in, the first reading."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.access.entrance import Seat
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.services.explain import explain_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from cur_tui.contract.wire import Account
    from cur_tui.services.access.entrance import Entrance
    from cur_tui.services.access.workplace import Workplace
    from cur_tui.services.desk import Desk
    from cur_tui.services.secrets.vault import Ask, Occasion
    from screens.base import DeskApp


async def enter(app: DeskApp, entrance: Entrance) -> Seat | None:
    """Open the last workplace, or have one opened, until there is a desk; None when the person leaves."""
    from screens.sign_in import SignInScreen

    entrance.ask = _asker(app)
    place, problem = await _resumed(entrance)
    while True:
        if place is None:
            place = await app.push_screen_wait(SignInScreen(entrance, problem))
        if place is None:
            return None
        exchange = Exchange(make=place.runner)
        desk = await _desk_of(app, place, exchange)
        if desk is not None:
            return Seat(place, exchange, desk)
        exchange.stop()
        place.close()
        place, problem = None, ""


async def sign_in_again(app: DeskApp, place: Workplace) -> None:
    """Ask for the password after the session has ended, or show a code; work has gone on meanwhile."""
    if place.access.profile.sso:
        await _sign_in_through(app, place)
        return
    whom = _("{name}, {server}").format(name=place.account.name, server=place.access.profile.server)
    from screens.secret import SecretScreen

    password = await app.push_screen_wait(SecretScreen(_("Password"), whom))
    if password is None:
        return
    account = await app.attempt(lambda: place.access.sign_in(place.account.account, password))
    if account is not None:
        app.exchange.poke()
        app.say(_("You are signed in."))


async def _sign_in_through(app: DeskApp, place: Workplace) -> None:
    from cur_tui.services.access.sso import Prompt, Rest, sign_in_through
    from screens.sso import SsoScreen

    def sign_in(show: Callable[[Prompt], None], rest: Rest) -> Account:
        return sign_in_through(place.access, place.account.account, show, rest)

    answer = await app.push_screen_wait(SsoScreen(sign_in))
    if isinstance(answer, str):
        app.say(answer, problem=True)
    elif answer is not None:
        app.exchange.poke()
        app.say(_("You are signed in."))


async def _resumed(entrance: Entrance) -> tuple[Workplace | None, str]:
    try:
        return await asyncio.to_thread(entrance.resume), ""
    except Exception as error:
        sentence = explain_error(error)
        if sentence is None:
            raise
        return None, sentence


async def _desk_of(app: DeskApp, place: Workplace, exchange: Exchange) -> Desk | None:
    from screens.loading import LoadingScreen

    try:
        return place.desk
    except Refused:
        exchange.start()
        return await app.push_screen_wait(LoadingScreen(place, exchange))


def _asker(app: DeskApp) -> Ask:
    from concurrent.futures import Future

    from screens.secret import passphrase_screen

    def ask(occasion: Occasion) -> str | None:
        """Called in a worker's thread: wait there for the person's answer."""
        answer: Future[str | None] = Future()
        app.call_from_thread(app.push_screen, passphrase_screen(occasion), answer.set_result)
        return answer.result()

    return ask
