"""What can still be read of a damaged cache, page by page, and the cache made anew from it."""
