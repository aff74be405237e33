"""Programs killed while commands flow over a failing network: no text is lost, none goes twice.

By default one round of three kills (``kill -9``); ``CUR_SOAK=1`` or ``CUR_KILLS=n`` for more, ``CUR_SEED``
for other moments.
"""

import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.crash.office import SEED, Account, FarRegion, ended, moment
from tests.crash.proxy import Fate
from tests.e2e.region import BIN, Client
from tests.e2e.terminal import Terminal

KILLS = int(os.environ.get("CUR_KILLS", "300" if os.environ.get("CUR_SOAK") else "3"))
KILLS_A_ROUND = 3
"""The workstation, a command line and the server, each once."""

ANSWER = "Здравствуйте! Яму у дома {n} заделали 16 ноября, работу приняли по акту. Спасибо, что написали нам."


@pytest.fixture
def accounts(region: FarRegion, tmp_path: Path) -> tuple[Account, Account]:
    """The machines of two people who are signed in: one works in the workstation, one by commands."""
    made = []
    for name in ("vetrova", "lugovoy"):
        (tmp_path / name).mkdir()
        client = Client(region, name, tmp_path / name / "home")
        client.login()
        made.append(Account(client))
    return made[0], made[1]


@dataclass(slots=True)
class Office:
    """Both people, the server and the moments at which each is killed."""

    region: FarRegion
    desk: Account
    line: Account
    chance: random.Random
    authority: str
    signed_in_again: int = 0
    numbers: list[str] = field(default_factory=list)

    def round(self, n: int) -> None:
        """Everybody works at once and is killed at some moment."""
        assert self.region.proxy is not None
        number = self.numbers.pop()
        moments = [moment(self.chance, longest) for longest in (4.0, 1.5, 2.0, 1.5)]
        self.region.proxy.calm = False
        with ThreadPoolExecutor(3) as pool:
            acts = [
                pool.submit(self.work_at_the_desk, n, moments[0]),
                pool.submit(self.work_by_commands, n, number, moments[1], moments[2]),
                pool.submit(self.restart_the_server, moments[3]),
            ]
        for act in acts:
            act.result()
        self.region.proxy.calm = True

    def work_at_the_desk(self, n: int, kill_after: float) -> None:
        """A note in the workstation, which is killed before or after it has been sent."""
        text = f"записка за столом {n}"
        with Terminal([str(BIN / "cur")], env=self.desk.client.env, columns=80, rows=24) as desk:
            desk.wait_for("Моя работа")
            desk.press("9")
            desk.wait_for("Все открытые  ·")
            desk.press("m")
            desk.wait_for("Ctrl.S принять")
            self.desk.typed.append(text)
            desk.type(text)
            desk.press("ctrl+s")
            desk.wait_for("заметка. U")
            self.desk.acknowledged.append(text)
            time.sleep(kill_after)
            os.kill(desk.pid, 9)

    def work_by_commands(self, n: int, number: str, first: float, second: float) -> None:
        """A note and an answer from the command line; one of the programs and an exchange are killed."""
        line, answer = self.line, ANSWER.format(n=n)
        line.give(f"записка из строки {n}", "note", number, kill_after=first if n % 2 else None)
        line.give(answer, "submit", number, "--outcome", "solved", kill_after=None if n % 2 else first)
        ended(line.start("sync"), second)

    def restart_the_server(self, after: float) -> None:
        """The server's machine fails and comes back."""
        time.sleep(after)
        self.region.stop()
        self.region.start()

    def prepare(self, rounds: int) -> None:
        """Appeals that wait for nothing but their answer, one for each round."""
        self.numbers = self._waiting(rounds)
        if missing := rounds - len(self.numbers):
            self.region.register(missing)
            self.line.client.cur("sync")
            self.numbers = self._waiting(rounds)
        assert len(self.numbers) == rounds
        for number in self.numbers:
            self.line.do(
                number,
                ("claim", {}),
                ("classify", {"topic": "roads.potholes", "essence": "Яма во дворе"}),
                ("assign", {"authority": self.authority}),
            )

    def _waiting(self, most: int) -> list[str]:
        """Numbers of appeals that nobody has taken up."""
        found = self.line.client.json("list", "--query", "state:distribution -claimed", "--limit", str(most))
        return [str(item["number"]) for item in found["items"]]

    def settle(self) -> None:
        """The network is calm again: everything is sent and read; who must signs in again."""
        for account in (self.line, self.desk):  # the desk last: it reads what the other one has sent
            for _ in range(10):
                status, output, narration = account.client.call("sync", "--json")
                assert status in (0, 1, 3), narration
                if status == 3:
                    self.signed_in_again += 1
                    account.client.login()
                elif not json.loads(output)["waiting"]:
                    break
        self.line.client.cur("sync")


def office_of(region: FarRegion, accounts: tuple[Account, Account], seed: int) -> Office:
    desk, line = accounts
    items = line.client.json("list", "--query", "-authority:none", "--limit", "1")["items"]
    return Office(region, desk, line, random.Random(seed), str(items[0]["authority"]))


@pytest.mark.failure(6)
@pytest.mark.failure(7)
@pytest.mark.failure(8)
def test_no_kill_loses_or_repeats_a_text(region: FarRegion, accounts: tuple[Account, Account]) -> None:
    office = office_of(region, accounts, SEED)
    rounds = max(KILLS // KILLS_A_ROUND, 1)
    done = 0
    while done < rounds:
        office.prepare(min(rounds - done, 6))
        while office.numbers:
            office.round(done)
            done += 1
        office.settle()
        check(region, office)
        report(office, done)
    assert region.proxy is not None
    assert region.proxy.met[Fate.PASS]


def check(region: FarRegion, office: Office) -> None:
    recorded: Counter[str] = office.desk.in_the_record()
    for account in (office.desk, office.line):
        kept = account.kept_here()
        lost = [text for text in account.acknowledged if not recorded[text] and not kept[text]]
        assert lost == []
        twice = [text for text in account.typed if recorded[text] > 1]
        assert twice == []
        account.check_cache()
    assert region.journal_is_whole()


def report(office: Office, rounds: int) -> None:
    """What was survived so far; shown by ``pytest -s``."""
    proxy = office.region.proxy
    assert proxy is not None
    met = {fate.value: times for fate, times in proxy.met.items() if fate is not Fate.PASS}
    texts = len(office.desk.acknowledged) + len(office.line.acknowledged)
    print(
        f"\nkills survived: {rounds * KILLS_A_ROUND}, texts acknowledged: {texts}, lost: 0, twice: 0, "
        f"signed in again: {office.signed_in_again}, connections spoiled: {sum(met.values())} {met}",
        flush=True,
    )
