"""For the manager on duty: what happens now, what is wrong, and whose turn it is."""
