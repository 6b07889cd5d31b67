"""What Asterisk does without our programs: who may dial what, emergency calls, the fallback."""
