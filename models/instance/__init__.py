"""One instance: its home folder, locks, heartbeats, secrets and spool."""
