"""What people watch: boards that follow the rows, over one stream a browser."""
