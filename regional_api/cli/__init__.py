"""The command line of the server, ``regional-api``: a file for each command."""
