"""Thousands of rows are due at once, and two schedulers are killed at random: no row is lost or handled twice."""
