"""What is true: the site, its policy, its people, calls, tickets and recordings; nothing here speaks to Asterisk."""
