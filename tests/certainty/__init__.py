"""A thousand guests are promised to be woken while programs are killed: judged by what their telephones saw (R21-9)."""
