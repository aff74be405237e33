"""What belongs together: probable duplicates, bursts that look like a mass incident, and its one answer."""
