"""The policy file: every number that a rule or a manager may ask about, by families of sections."""

from models.policy.policy import Policy

__all__ = ["Policy"]
