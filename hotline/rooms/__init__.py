"""`hotline room`: check-in, check-out, language, do not disturb."""
