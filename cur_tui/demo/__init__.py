"""``cur demo``: a region's server with invented data, and the workstation beside it, by one command."""

from cur_tui.demo.command import add_arguments, run

__all__ = ["add_arguments", "run"]
