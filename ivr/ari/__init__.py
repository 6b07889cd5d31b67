"""The only package that speaks to Asterisk's ARI: its client, its objects, its errors."""
