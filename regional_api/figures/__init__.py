"""Numbers over appeals: cuts, workload, ranking and ratings, counted exactly within the reader's scope."""
