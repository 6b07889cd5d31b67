"""`hotline survey`: answers, campaigns, numbers that are never called."""
