"""What is recorded and what is spoken: call recordings, the prompt pack, and its synthesis."""
