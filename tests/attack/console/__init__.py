"""The console's pages are tried by somebody without an account, and by staff whose posts may do little."""
