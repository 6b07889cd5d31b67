"""Whether the service works, whether its configuration is right, and copies of its database."""
