"""What other programs read and change in the store, by the same functions as the command line."""
