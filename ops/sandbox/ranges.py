"""A set of whole numbers that takes little memory when most of them are neighbours."""

from bisect import bisect_right
from collections.abc import Iterator


class Ranges:
    """Sequence numbers of a shard; moto counts them up by one, so a million are one range."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []  # each one past the last number of its range
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, number: int) -> bool:
        index = bisect_right(self._starts, number) - 1
        return index >= 0 and number < self._ends[index]

    def add(self, number: int) -> bool:
        """Add a number; False when it was there."""
        index = bisect_right(self._starts, number) - 1
        if index >= 0 and number < self._ends[index]:
            return False
        self._size += 1
        after_left = index >= 0 and self._ends[index] == number
        before_right = index + 1 < len(self._starts) and self._starts[index + 1] == number + 1
        if after_left and before_right:
            self._ends[index] = self._ends.pop(index + 1)
            del self._starts[index + 1]
        elif after_left:
            self._ends[index] = number + 1
        elif before_right:
            self._starts[index + 1] = number
        else:
            self._starts.insert(index + 1, number)
            self._ends.insert(index + 1, number + 1)
        return True

    def missing_from(self, other: "Ranges") -> int:
        """How many of these numbers `other` does not have."""
        common = mine = theirs = 0
        while mine < len(self._starts) and theirs < len(other._starts):
            start, end = self._starts[mine], self._ends[mine]
            low, high = other._starts[theirs], other._ends[theirs]
            common += max(0, min(end, high) - max(start, low))
            if end <= high:
                mine += 1
            else:
                theirs += 1
        return self._size - common

    def within(self, first: int, last: int) -> Iterator[int]:
        """The numbers from `first` to `last`, both included."""
        for start, end in zip(self._starts, self._ends, strict=True):
            yield from range(max(start, first), min(end, last + 1))
