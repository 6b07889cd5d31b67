"""The words that stand in the columns of the database, one file a domain; no other enum belongs here."""
