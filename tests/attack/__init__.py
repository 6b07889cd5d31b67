"""The hotline is tried as an attacker tries it: nobody may get in, nothing may get out, and 110 must be reached."""
