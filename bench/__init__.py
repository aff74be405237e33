"""Measurements: what the product costs, each figure beside a named reference that ran in the same minute."""
