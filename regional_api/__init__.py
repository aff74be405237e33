"""The regional API: the truth about a region's appeals, served as contract v1.

Nothing here decides what a command means (that is :mod:`cur_tui.domain`) or how it travels
(:mod:`cur_tui.contract`); this package stores, orders, guards and serves.
"""
