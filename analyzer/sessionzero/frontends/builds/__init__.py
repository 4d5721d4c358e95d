"""The front-ends of build files."""
