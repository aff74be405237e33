"""For programs that are started with this folder in PYTHONPATH: secrets that they make are cheap to open."""

from cur_tui.services.secrets import vault_file

vault_file.DEFAULT_COST = vault_file.KdfCost(memory=64, passes=1, lanes=1)  # type: ignore[misc]
