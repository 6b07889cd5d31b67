"""`hotline wakeup`: orders, the wake-up sheet, its evidence, texts of the day."""
