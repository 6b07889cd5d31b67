"""`hotline tickets`, `ticket`, `tasks` and `escalations`: looking at tickets, and working on them."""
