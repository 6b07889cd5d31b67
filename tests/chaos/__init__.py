"""Two hundred callers while programs are killed at random moments: nobody may be lost."""
