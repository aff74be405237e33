"""Russian words as the search and the comparisons see them: stems, forms, slips, phrases."""
