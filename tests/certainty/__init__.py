"""A thousand wake-ups are ordered while programs are killed; the guests' telephones show what happened (R21-9)."""
