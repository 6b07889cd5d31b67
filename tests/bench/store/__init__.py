"""What a scan and a list cost when a million matters are over, beside the same ten thousand open without a past."""
