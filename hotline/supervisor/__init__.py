"""What keeps the service running: Asterisk, our programs, their ports, and the card that a start ends with."""
