"""Where the secrets of a machine live: the keyring, or a file under a passphrase."""
