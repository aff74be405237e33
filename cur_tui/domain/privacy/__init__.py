"""Personal data: who sees them, how long they are kept, how they are erased."""
