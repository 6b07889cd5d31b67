"""For leaders: how the service does, how it has gone, and what is behind each number."""
