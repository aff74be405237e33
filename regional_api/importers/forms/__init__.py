"""The packaged forms of files, one for each source."""
