"""How a line of the journal vouches for the one before it: hashes, and nothing else.

``hash = SHA-256(prev + SHA-256(RFC 8785 JSON of the line))``, both in hex. The digest in between lets a part
of the journal be proven to a stranger: of the lines that are none of their business only digests are shown.
Lines written before this stand as ``SHA-256(prev + RFC 8785 JSON of the line)``. Either form is taken for any
line: JSON begins with a brace, a digest never does, so no line can pass for another.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import rfc8785

GENESIS: Final = "0" * 64
"""What the first line follows."""


def canonical(line: Mapping[str, object]) -> bytes:
    """The RFC 8785 JSON of a line, without ``prev`` and ``hash``."""
    return rfc8785.dumps(dict(line))  # type: ignore[arg-type]


def link(previous: str, said: bytes) -> str:
    """The hash of the line whose canonical JSON is ``said``, behind the line with the hash ``previous``."""
    return _sha256(previous.encode() + _sha256(said).encode())


def link_of_old(previous: str, said: bytes) -> str:
    """The same as the program wrote it at first."""
    return _sha256(previous.encode() + said)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
