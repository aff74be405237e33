"""The rules of a regional management centre: pure values and functions.

Nothing here knows a screen, a database, a network or a clock of its own; the time always comes in as
an argument. Everything else in the product points at this package and this package points at nothing.
"""
