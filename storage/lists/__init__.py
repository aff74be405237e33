"""Lists out of the cache: which rows, along which index, how many."""
