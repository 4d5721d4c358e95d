"""The files of a program side by side: what stands where, and which are compiled together."""
