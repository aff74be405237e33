"""Server processes: how they start, share one port, and end."""
