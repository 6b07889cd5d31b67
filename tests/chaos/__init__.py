"""Two hundred callers while programs are killed at random moments: no caller may be lost."""
