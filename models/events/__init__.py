"""The history of a ticket, and the messages to other programs that follow from it."""
