"""The headless twin of the workstation: JSON on stdout, narration on stderr, documented exit codes."""
