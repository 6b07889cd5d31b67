"""The second of three tiers: serves callers over FastAGI while the application is dead (R13-1, R17-1)."""
