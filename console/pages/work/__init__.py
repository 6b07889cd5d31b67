"""The work of one person, on a telephone's screen."""
