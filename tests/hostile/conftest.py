"""The regional office of the server's own tests, on SQLite."""

from tests.interface.sharing import shared_process, shared_styles
from tests.server.conftest import address, office_file

__all__ = ["address", "office_file", "shared_process", "shared_styles"]
