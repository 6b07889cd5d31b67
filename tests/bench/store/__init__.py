"""What scans and lists cost with ten thousand open tickets, with a million closed ones beside them and without."""
