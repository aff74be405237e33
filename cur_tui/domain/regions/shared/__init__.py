"""What the region profiles have in common: topics, policies, roles, answer templates, fast tracks."""
