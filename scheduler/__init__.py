"""Work that needs no caller: scans of the store and the spools, each safe to run twice, late, or on two machines."""
