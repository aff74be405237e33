"""The operator workstation: the rules of its work, its exchange with the region, its ways in."""
