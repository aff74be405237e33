"""Writing the cache: the one writer, and what changes together in its transactions."""
