"""The official record: the journal and its chain, evidence out of it, disclosure, erasure and retention."""
