"""`hotline roster` and `hotline handover`."""
