"""What each command does to an appeal.

:func:`decide` is the single place where the rules meet a command. The workstation calls it to show the
result at once; the server calls it again on the truth. Both get the same answer from the same arguments.
"""

from cur_tui.domain.decisions.decide import decide

__all__ = ["decide"]
