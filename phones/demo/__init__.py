"""The demonstration: real SIP phones play an owner and two agents, and a timeline shows what happens."""
