"""The encrypted file: its schema and migrations, its connections, its lock, its damage."""
