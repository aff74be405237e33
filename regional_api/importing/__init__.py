"""Imports that the workstation asks for: files in pieces, jobs, the quarantine kept here."""
