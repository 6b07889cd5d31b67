"""The REST API: messaging apps and web forms open and follow the tickets that the telephone reaches (R01-4, R02-2)."""
