"""Call recordings, the prompt pack, and its synthesis."""
