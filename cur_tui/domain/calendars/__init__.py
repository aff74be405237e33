"""Production calendars as data, one file a year."""
