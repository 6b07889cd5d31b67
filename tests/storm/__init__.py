"""Thousands of rows are due at once, and two schedulers are killed at random: nothing is lost, nothing done twice."""
