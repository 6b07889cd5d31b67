"""Real SIP phones driven by a program, with proof of what they heard: for tests and the demonstration only."""
