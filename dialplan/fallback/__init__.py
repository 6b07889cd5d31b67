"""The second of three tiers: a caller whom the application cannot take is served over FastAGI (R13-1, R17-1)."""
