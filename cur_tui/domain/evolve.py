"""``replace`` for the frozen, slotted values of the domain, several times faster than the standard one.

Every command copies the aggregate a few times, and an aggregate has some forty fields. The standard function
sends each copy through the constructor and its guarded assignments; here the slots are copied directly. The
values have no ``__post_init__``, so nothing is left out.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The type checker knows this function: it checks the names and types of the changes.
    from dataclasses import replace as replace
else:
    from dataclasses import fields
    from functools import cache
    from operator import attrgetter

    @cache
    def _slots(shape):
        """How to read all fields at once, how to write each of them in the same order, and each by name."""
        names = tuple(f.name for f in fields(shape))
        writers = tuple(getattr(shape, name).__set__ for name in names)
        return attrgetter(*names), writers, dict(zip(names, writers, strict=True))

    def replace(value, /, **changes):
        """A copy of ``value`` with ``changes``; TypeError for a field that it does not have."""
        shape = type(value)
        read, writers, writer_of = _slots(shape)
        copy = object.__new__(shape)
        for write, old in zip(writers, read(value), strict=True):
            write(copy, old)
        for name, new in changes.items():
            if name not in writer_of:
                raise TypeError(f"{shape.__name__} has no field {name!r}")
            writer_of[name](copy, new)
        return copy
