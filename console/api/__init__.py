"""The REST API: messaging apps and web forms open and follow the same tickets as the telephone (R01-4, R02-2)."""
