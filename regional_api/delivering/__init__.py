"""Out again: how approved texts leave the centre, and how it becomes known that they arrived."""
