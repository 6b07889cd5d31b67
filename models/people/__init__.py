"""Staff, owners and tokens: who serves, who is served, who is on duty, and what each may do."""
