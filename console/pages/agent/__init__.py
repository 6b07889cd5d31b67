"""The agent's page: my state, the call at my telephone, the call to write up, my day."""
