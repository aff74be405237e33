"""Small programs for the people who build the product; nothing of the product imports them."""
