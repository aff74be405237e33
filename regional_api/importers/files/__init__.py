"""Files as tables: whatever a source writes is read as sheets with rows of text, in bounded memory."""
