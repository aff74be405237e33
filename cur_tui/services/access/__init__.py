"""The way to a desk and away from it: profiles, sign-in, lock, new keys, the end of a profile."""
