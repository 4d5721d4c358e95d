"""Where the service control manager enters, where control goes from there, and who runs what."""
