"""What unlocks a workstation whose key lies in the keyring: a password that is checked without a network.

The keyring is open as long as the person's session of the operating system is, so it cannot tell who sits
there. The password of the last sign-in can: its Argon2id hash is kept in the keyring beside the key. Who has
no password of their own chooses one with ``cur passphrase``.
"""

from __future__ import annotations

import hmac
import os
from typing import Final

import msgspec

from cur_tui.services.secrets.vault import Ask, Occasion, ProfileSecrets
from cur_tui.services.secrets.vault_file import DEFAULT_COST, KdfCost, derive
from cur_tui.services.secrets.vault_problems import VaultError

LONGEST_WAIT: Final = 60.0
ATTEMPTS: Final = 5
"""At the start of a program; who needs more starts it again, and waits as long as before."""
_SALT: Final = 16


class _Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cost: KdfCost
    salt: bytes
    hashed: bytes
    chosen: bool


def wait_after(wrong: int) -> float:
    """Seconds that the next attempt has to wait after ``wrong`` wrong ones: 0, 1, 2, 4 … 60."""
    return 0.0 if wrong <= 0 else float(min(LONGEST_WAIT, 2 ** (min(wrong, 10) - 1)))


def is_known(secrets: ProfileSecrets) -> bool:
    """Whether anything unlocks this profile without a network."""
    return _proof_of(secrets) is not None


def is_right(secrets: ProfileSecrets, password: str) -> bool:
    """Whether ``password`` unlocks. Raises :class:`VaultError` ``unlocking_unset`` when none is known."""
    proof = _proof_of(secrets)
    if proof is None:
        raise VaultError("unlocking_unset")
    return hmac.compare_digest(derive(password, proof.salt, proof.cost), proof.hashed)


def choose(secrets: ProfileSecrets, password: str, cost: KdfCost = DEFAULT_COST) -> None:
    """Have a password of the person's own choice unlock from now on."""
    _keep(secrets, password, cost, chosen=True)


def signed_in_with(secrets: ProfileSecrets, password: str, cost: KdfCost = DEFAULT_COST) -> None:
    """The server has taken ``password``: it unlocks, and what was locked is not any more.

    A password of the person's own choice stays, unless it was not known at the lock.
    """
    proof = _proof_of(secrets)
    if proof is None or not proof.chosen or secrets.locked is not None:
        _keep(secrets, password, cost, chosen=False)
    end_lock(secrets)


def begin_lock(secrets: ProfileSecrets) -> None:
    """Write down that the profile is locked, so that starting the program anew does not open it."""
    if secrets.locked is None:
        secrets.vault.set(secrets.name_of("locked"), b"0")


def end_lock(secrets: ProfileSecrets) -> None:
    """The profile is not locked any more."""
    secrets.vault.delete(secrets.name_of("locked"))


def wrong_attempts(secrets: ProfileSecrets) -> int:
    """How many wrong passwords were given since the profile was locked, in whatever program."""
    written = secrets.locked or b"0"
    return int(written) if written.isdigit() else 0


def count_wrong(secrets: ProfileSecrets) -> None:
    """One more."""
    secrets.vault.set(secrets.name_of("locked"), str(wrong_attempts(secrets) + 1).encode())


def admit(secrets: ProfileSecrets, ask: Ask) -> None:
    """Ask at the start of a program for the password of a locked profile. Blocks, also to slow guessing.

    Raises :class:`VaultError`: ``profile_locked`` when the person gives up, ``unlocking_wrong``,
    ``unlocking_unset``.
    """
    from time import sleep

    occasion: Occasion = "locked"
    for _ in range(ATTEMPTS):
        answer = ask(occasion)
        if answer is None:
            raise VaultError("profile_locked", {"profile": secrets.profile})
        sleep(wait_after(wrong_attempts(secrets)))
        if is_right(secrets, answer):
            return
        count_wrong(secrets)
        occasion = "locked_wrong"
    raise VaultError("unlocking_wrong")


def _keep(secrets: ProfileSecrets, password: str, cost: KdfCost, *, chosen: bool) -> None:
    salt = os.urandom(_SALT)
    proof = _Proof(cost, salt, derive(password, salt, cost), chosen)
    secrets.vault.set(secrets.name_of("unlocking"), msgspec.json.encode(proof))


def _proof_of(secrets: ProfileSecrets) -> _Proof | None:
    kept = secrets.vault.get(secrets.name_of("unlocking"))
    try:
        return None if kept is None else msgspec.json.decode(kept, type=_Proof)
    except msgspec.DecodeError:
        return None  # whoever damaged it has gained nothing: without it the server is asked
