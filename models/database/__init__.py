"""Transactions on SQLite and PostgreSQL: the store, its changes, and rows that are tried again later."""
