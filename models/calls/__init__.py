"""Calls, their recordings and transfers, monitoring, and the calls to make."""
