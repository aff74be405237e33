"""Lists of appeals at the desk: queues, windows on them, the words of their queries."""
