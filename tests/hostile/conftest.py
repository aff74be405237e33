"""The regional office of the server's own tests, on SQLite."""

from tests.server.conftest import address, office_file

__all__ = ["address", "office_file"]
