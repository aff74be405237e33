"""Attachments: kept by the hash of their content, uploaded in pieces, removed when they belong to nothing."""
