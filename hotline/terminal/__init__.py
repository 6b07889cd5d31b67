"""What every command shares: opening the home, options, lists, wording, dates."""
