"""Administration: people, telephones, settings, prompts, health, the access log, backups, owners."""
