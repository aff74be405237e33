"""Open311 GeoReport v2: citizens' apps and other platforms submit requests and read what became of them."""
