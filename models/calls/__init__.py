"""Conversations, their recordings and transfers, and the calls that we make ourselves."""
