"""New editions of the region profile in a region that is at work."""
