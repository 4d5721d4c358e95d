"""What a linked program has on either side of the wall between the sessions."""
