"""Which files are read, and their texts."""
