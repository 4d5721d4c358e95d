"""The front-end for C and C++."""
