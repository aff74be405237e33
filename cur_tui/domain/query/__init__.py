"""The query language: read, written, completed, and what each term means."""
