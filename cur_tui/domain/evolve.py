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

    @cache
    def _slots(shape):
        """The reader and the writer of each field."""
        members = ((f.name, getattr(shape, f.name)) for f in fields(shape))
        return {name: (member.__get__, member.__set__) for name, member in members}

    def replace(value, /, **changes):
        """A copy of ``value`` with ``changes``; TypeError for a field that it does not have."""
        shape = type(value)
        slots = _slots(shape)
        if not changes.keys() <= slots.keys():
            raise TypeError(f"{shape.__name__} has no field {min(changes.keys() - slots.keys())!r}")
        copy = object.__new__(shape)
        for name, (read, write) in slots.items():
            write(copy, changes[name] if name in changes else read(value))
        return copy
