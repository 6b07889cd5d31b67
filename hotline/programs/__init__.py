"""`hotline token` and `hotline webhook`: other programs that use the hotline."""
