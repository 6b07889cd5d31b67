"""Keeps the service running: Asterisk, our programs, their ports, and the card at the end of a start."""
