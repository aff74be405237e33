"""What the tests of the workstation's services share."""

from tests.cheap import cheap_keys

__all__ = ["cheap_keys"]
