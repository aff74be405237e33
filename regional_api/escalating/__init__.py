"""Escalation on the server: what comes due is looked at again, told once, and sent out as well."""
