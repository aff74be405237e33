"""Answers at the desk: templates, remarks, the person's own editor, what became of them."""
