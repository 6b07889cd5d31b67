"""`hotline calls`, `recordings` and `call-back`."""
