"""Texts of strangers: made harmless, masked, and read out of whatever they arrive as."""
