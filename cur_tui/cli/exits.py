"""Exit codes of ``cur``; scripts may rely on them."""

OK = 0
REFUSED = 1
"""A rule, the server or this machine said no; nothing has changed."""
USAGE = 2
"""The command line itself is wrong."""
SIGN_IN = 3
"""Nobody is signed in, or the secrets cannot be opened."""
NO_CONTACT = 4
"""The server was not reached; what was done is kept and will be sent."""
INTERRUPTED = 130
