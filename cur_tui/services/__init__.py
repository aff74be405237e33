"""What screens and the headless program share: everything a person can ask for and do.

Services put the domain, the cache and the sync together. They know no terminal library.
"""
