"""What happens by itself: scans of the store and of the spools, each safe to run twice, late, or on two machines."""
