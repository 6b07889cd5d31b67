"""The console's pages: rendered here, for people who never see a terminal."""
