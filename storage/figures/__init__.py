"""Sums out of the cache: the narrow facts, and what is counted from them."""
