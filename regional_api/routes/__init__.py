"""The addresses of contract v1, a file for each group of them."""
