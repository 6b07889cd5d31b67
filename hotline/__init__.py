"""The command line and the supervisor: what a person starts, sees and stops."""
