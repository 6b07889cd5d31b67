"""Whether the hotline works: test calls, and what does not agree."""
