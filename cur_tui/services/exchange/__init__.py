"""The exchange with the server at the desk: its state, files on their way, what it refused."""
