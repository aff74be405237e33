"""Who gets in: accounts, sessions, single sign-on, and what a caller may see and do."""
