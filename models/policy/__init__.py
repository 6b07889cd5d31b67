"""The policy file, one file a section: every number that a rule or a manager may ask about."""

from models.policy.policy import Policy

__all__ = ["Policy"]
