"""Answers to citizens: templates, checks, and why a text did not arrive."""
