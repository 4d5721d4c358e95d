"""What security descriptors, SIDs and tokens are known to be."""
