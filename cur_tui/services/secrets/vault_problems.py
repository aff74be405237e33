"""What can keep secrets from being read or kept."""

from typing import Final

from cur_tui.i18n import N_, Translator, current
from cur_tui.sync.faults import SecretsOutOfReachError

REFUSALS: Final = {
    "wrong_passphrase": N_("The passphrase is wrong. Try again; nothing has changed."),
    "passphrase_needed": N_(
        "A passphrase is needed to open your data. Give it when asked, or put it into a private file "
        "and name that in {variable}."
    ),
    "passphrase_short": N_("The passphrase needs at least {limit} characters."),
    "passphrase_file_open": N_("Others may read the passphrase file {path}. Close it: chmod 600 {path}"),
    "keyring_unavailable": N_(
        "Your keys are in the system's keyring, which does not answer. Unlock it and start again."
    ),
    "keyring_failed": N_("The system's keyring refused ({reason}). Unlock it and try again."),
    "vault_untrusted": N_("The file {path} is a link or belongs to another user. Remove it."),
    "vault_damaged": N_("The file with your keys, {path}, is damaged. Restore it from a backup."),
    "vault_unusable": N_("The file {path} cannot be used: {reason}."),
    "cache_key_missing": N_(
        "The key of the data of profile «{profile}» is gone, so they cannot be read. "
        "Restore the key, or remove the profile and sign in anew."
    ),
    "profile_locked": N_("The workstation is locked. Open it in its window, or with: cur login"),
    "unlocking_unset": N_(
        "On this machine no password for unlocking is known yet. F10 asks the server; or leave, and sign in "
        "anew at the next start."
    ),
    "unlocking_wrong": N_("That is not the password. Try again; nothing has changed."),
    "unlocking_in_file": N_("On this machine the passphrase unlocks; the server does not know it."),
}


class VaultError(SecretsOutOfReachError):
    """Secrets out of reach; nothing has been changed. ``code`` is a key of :data:`REFUSALS`."""

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(REFUSALS[self.code]).format(**self.params)
