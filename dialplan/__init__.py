"""What Asterisk does by itself: who may dial what, emergency calls, the fallback when no program of ours answers."""
