"""One file for each conversation, read from top to bottom like the conversation itself."""
