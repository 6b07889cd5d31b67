"""What all commands share: options, opening the home, who acts, lists, wording, dates."""
