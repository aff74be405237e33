"""The wire format of the regional API, version 1, shared by client and server.

The types that travel are the domain's own; this package adds their encoding, the envelopes of the feed,
the projection that lists read, and the catalogue of problems with their sentences.
"""

API_VERSION = 1
API_PREFIX = "/v1"
SCHEMA = 1
"""The schema that this code speaks; ``hello`` negotiates it."""

MAX_BATCH = 100
"""The most commands that one request may carry; the server applies a batch in one transaction."""
MAX_LINE = 1_048_576
"""The longest line of a stream that a client accepts, in bytes."""
MAX_RECORD = MAX_LINE * 3 // 4
"""The most bytes that one appeal may take up in a line; only short commands may still add to a fuller one."""
MAX_ATTACHMENT = 10 * 1_048_576
"""The largest attachment, in bytes."""
