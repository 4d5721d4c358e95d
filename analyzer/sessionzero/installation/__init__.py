"""What scripts, files of settings and command lines do to services and to the registry."""
