"""Counting labels that a file brings, in bounded memory: a file may have a new one in every row."""

from collections import Counter

_LABEL = 200
_DISTINCT = 5_000


class Tally:
    """Counts pairs of a kind and a label. New labels are no longer taken once there are thousands."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, kind: str, label: str) -> None:
        """Count ``label`` once more."""
        key = (kind, label[:_LABEL])
        if key in self._counts or len(self._counts) < _DISTINCT:
            self._counts[key] += 1

    def most_common(self, n: int) -> list[tuple[str, str, int]]:
        """The ``n`` most frequent: kind, label, times."""
        return [(*key, times) for key, times in self._counts.most_common(n)]

    def clear(self) -> None:
        """Begin anew."""
        self._counts.clear()
