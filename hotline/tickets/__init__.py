"""`hotline tickets`, `ticket`, `tasks` and `escalations`: finding tickets, and working on them."""
