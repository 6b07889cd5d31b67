"""The demonstration: real SIP phones play an owner and two agents, and whoever watches reads what happens."""
