"""Reports: one description of each, made from the numbers of the cache or of the server, and a writer for
each format. Whoever gives the same numbers gets the same file.
"""
