"""The search of the cache: its index, and how the finds are read."""
