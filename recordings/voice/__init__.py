"""Text becomes speech here: ahead of time for the prompt pack, at run time for sentences with names in them."""
