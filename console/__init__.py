"""What people and other programs see of the store, and change in it by the functions that the command line uses."""
