"""What happens to appeals: how they come in, and how commands change them."""
