"""Asking customers whether they are satisfied, and the list of those who are never asked."""
