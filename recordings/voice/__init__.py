"""Turns text into speech: ahead of time for the prompt pack, at run time for sentences that contain names."""
