"""What happened in a month, a quarter or a day, counted; what each number means is written beside it."""
