"""Forms of text: telephone numbers, masked names, CSV lists, texts to be spoken."""
