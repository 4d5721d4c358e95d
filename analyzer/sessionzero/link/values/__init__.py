"""What values are known to be, and the conditions and structures that are made of them."""
