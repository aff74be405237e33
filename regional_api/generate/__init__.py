"""Demo data: a seeded generator of a region that looks alive, with texts and people of our own making."""

from regional_api.generate.generator import Generated, generate

__all__ = ["Generated", "generate"]
