"""Importers: messages of citizens out of files of other systems."""
