"""One appeal as evidence: an archive that a third party can verify with nothing but Python."""
