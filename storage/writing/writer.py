"""The one writer of a cache: local commands, the server's pages, and the operator's drafts and settings."""

from storage.writing.desk import DeskTexts
from storage.writing.server import ServerPages
from storage.writing.uploads import Uploads


class Writer(Uploads, ServerPages, DeskTexts):
    """Every way to change the cache, each method one short transaction. Safe from any thread."""
