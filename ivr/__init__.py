"""The ARI application: what callers hear and what happens to their calls."""
