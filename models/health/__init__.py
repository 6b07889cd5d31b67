"""Whether the hotline works: test calls and findings."""
