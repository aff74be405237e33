"""What belongs together: likenesses, bursts, mass incidents."""
