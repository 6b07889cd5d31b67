"""Text in one form: telephone numbers, masked names, CSV cells, sentences that can be spoken."""
