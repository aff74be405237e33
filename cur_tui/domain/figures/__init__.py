"""What is counted of appeals: cuts, ranking, problems, ratings, workload."""
