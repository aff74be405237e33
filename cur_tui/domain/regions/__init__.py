"""Region profiles as packaged data: one TOML file a region, ``shared/`` for what they have in common."""
