"""Real SIP phones driven by a program, with proof of what they heard: for the tests and the demonstration, never the service."""
