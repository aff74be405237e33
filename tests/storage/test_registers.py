"""Facets and tally after random sequences of what the server sends and takes away."""

import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cur_tui.contract.row import AppealRow
from cur_tui.contract.wire import Gone, Out, Put
from storage.cache import Cache
from storage.lists.facets import FACET_COLUMNS, facet_words, facets_of_row
from tests.storage.conftest import KEY
from tests.storage.registers import check_registers
from tests.storage.test_filters import EXAMPLES, make_rows

APPEALS = 12
IDS = [f"a-{n}" for n in range(APPEALS)]
LOOKS = [row for row, *_ in make_rows(9, 60)]
WHICH = st.sets(st.integers(0, APPEALS - 1), max_size=6)
LOOK = st.integers(0, len(LOOKS) - 1)


class PagesMachine(RuleBasedStateMachine):
    """A server that sends, changes and takes away what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cache-registers-"))
        self.path = self.folder / "cache" / "a.db"
        self.cache = Cache.open(self.path, KEY)
        self.version = 1

    def teardown(self) -> None:
        self.cache.close()
        shutil.rmtree(self.folder)

    def puts(self, which: set[int], look: int) -> list[Put]:
        self.version += 1
        return [Put(1, self.row(n, look + n), msgspec.Raw(b'{"text":"x"}')) for n in sorted(which)]

    def row(self, n: int, look: int) -> AppealRow:
        return msgspec.structs.replace(
            LOOKS[look % len(LOOKS)],
            id=IDS[n],
            number=f"INC-1-{n}",
            version=self.version,
            registered_at=1_000_000 + n // 2,
        )

    @rule(which=WHICH, look=LOOK)
    def page(self, which: set[int], look: int) -> None:
        self.cache.writer.apply_page(self.puts(which, look), "c")

    @rule(which=WHICH, look=LOOK, gone=st.booleans())
    def page_with_exits(self, which: set[int], look: int, gone: bool) -> None:
        puts = self.puts(which, look)
        leaving = [(Gone if gone else Out)(1, IDS[n], self.version) for n in which if n % 2]
        self.cache.writer.apply_page([*puts, *leaving], "c")

    @rule(which=WHICH, look=LOOK)
    def read_anew(self, which: set[int], look: int) -> None:
        self.cache.writer.begin_generation("c")
        self.cache.writer.apply_snapshot_page(self.puts(which, look), "t")
        self.cache.writer.sweep()

    @rule(which=WHICH)
    def drop(self, which: set[int]) -> None:
        self.cache.writer.drop_scope([IDS[n] for n in which])

    @rule(block=st.sampled_from(["roads", "utilities", "general"]))
    def narrow(self, block: str) -> None:
        self.cache.writer.drop_outside([f"block:{block}"], [])

    @rule()
    def index(self) -> None:
        self.cache.writer.index_archive(3)

    @invariant()
    def registers_are_right(self) -> None:
        check_registers(self.path)


PagesMachine.TestCase.settings = settings(max_examples=EXAMPLES // 5, stateful_step_count=20, deadline=None)
TestPagesMachine = PagesMachine.TestCase


@pytest.mark.parametrize(
    ("one", "other"), [("roads", "Roads"), ("a b", "a.b"), ("=61", "a"), ("ж", "=d0b6"), (None, "")]
)
def test_codes_that_look_alike_stay_apart(one: str | None, other: str | None) -> None:
    row = LOOKS[0]
    words = {
        code: facet_words(facets_of_row(msgspec.structs.replace(row, block=code))) for code in (one, other)
    }
    assert words[one] != words[other]


def test_facets_are_columns_of_the_row() -> None:
    assert set(FACET_COLUMNS) <= set(AppealRow.__struct_fields__)
