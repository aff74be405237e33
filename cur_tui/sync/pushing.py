"""Sending what the operator did: in order, as often as it takes, with the effect of once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cur_tui.contract import API_PREFIX, MAX_BATCH
from cur_tui.contract.problems import PROBLEM_TYPE, sentence
from cur_tui.contract.wire import BatchResult, CommandBatch, CommandEnvelope, CommandResult, Problem
from cur_tui.i18n import LANGUAGES, current
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.faults import NoContact, ServerProblem
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport
from storage.cache import Cache
from storage.entries import Settled

UNREADABLE: Final = frozenset({400, 413, 415, 422})
"""Statuses by which a server refuses a batch for good: sent again, it would be refused again."""
BROKEN: Final = 500
"""The status of a server that fell over what it was sent. Others above it (a proxy without its server, a
database that is away, a full disk) have nothing to do with that and pass."""
LONELY_FAILURES: Final = 5
"""So often one command may make the server fail before it is set aside, so that those behind it can go."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one exchange of commands brought. ``more``: there is something to send at once."""

    settled: Settled | None = None
    more: bool = False


class Pusher:
    """Sends batches. One at a time: the engine holds its lock around :meth:`push`."""

    def __init__(
        self, cache: Cache, transport: Transport, session: TokenSession, clock: ServerClock, device: str
    ) -> None:
        self._cache = cache
        self._transport = transport
        self._session = session
        self._clock = clock
        self._device = device
        self._limit = MAX_BATCH
        self._lonely: tuple[str, int] = ("", 0)

    def push(self) -> Pushed:
        """Send the next batch and settle its results.

        Raises what the session raises. :class:`ServerProblem` ``order`` is the caller's to answer with a new
        greeting; the commands stay in the outbox whatever is raised.
        """
        batch = self._cache.writer.take_batch(self._limit)
        if not batch:
            return Pushed()
        try:
            result = self._send(batch)
        except NoContact as failure:
            if failure.code == "too_large":  # each result brings its appeal along
                self._limit = max(1, len(batch) // 2)
            raise
        except ServerProblem as problem:
            if not self._is_about_the_batch(problem):
                raise
            if len(batch) > 1:
                # One of them is the cause: halves find it without holding back the others for long.
                self._limit = len(batch) // 2
                if problem.is_answer:
                    return Pushed(more=True)
                raise
            result = self._set_aside(batch[0], problem)
        settled = self._cache.writer.settle(result)
        self._limit = min(MAX_BATCH, self._limit * 2)
        self._lonely = ("", 0)
        reader = self._cache.reader
        return Pushed(settled, more=bool(reader.outbox()) or reader.next_upload() is not None)

    def _send(self, batch: Sequence[CommandEnvelope]) -> BatchResult:
        body = CommandBatch(self._device, tuple(batch))
        sent = self._clock.local()
        result = self._session.authorised(
            lambda token: self._transport.call(
                "POST", f"{API_PREFIX}/commands", BatchResult, body=body, token=token
            )
        )
        self._clock.observe(sent, self._clock.local(), datetime.fromisoformat(result.server_time))
        return result

    def _is_about_the_batch(self, problem: ServerProblem) -> bool:
        if problem.is_answer:
            return problem.status in UNREADABLE
        return problem.status == BROKEN

    def _set_aside(self, command: CommandEnvelope, problem: ServerProblem) -> BatchResult:
        """The refusal of a command that the server cannot take. Raises ``problem`` while there is hope."""
        if not problem.is_answer:
            known, failures = self._lonely
            failures = failures + 1 if known == command.id else 1
            self._lonely = (command.id, failures)
            if failures < LONELY_FAILURES:
                raise problem
        texts = {language: sentence(problem.code, problem.params, language) for language in LANGUAGES}
        texts[current().language] = problem.sentence()
        refusal = Problem(
            type=PROBLEM_TYPE + problem.code,
            title=texts[current().language],
            status=problem.status,
            detail=texts[current().language],
            code=problem.code,
            params=problem.params,
            detail_ru=texts["ru"],
            detail_en=texts["en"],
        )
        # The server has settled nothing under its number.
        rejected = CommandResult(command.id, 0, "rejected", problem=refusal)
        return BatchResult((rejected,), server_time=self._clock.now().isoformat())
