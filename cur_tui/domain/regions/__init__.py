"""Region profiles as packaged data: one TOML file for each region, ``shared/`` for what they have in common."""
