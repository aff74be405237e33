"""Figures at the desk: the board, cuts, ranking, problems, workload, reports."""
