"""Staff and their duties, owners, and tokens of other programs."""
