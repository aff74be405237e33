"""The region profile: everything in which one region differs from another, loaded and checked."""
