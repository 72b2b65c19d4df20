"""What is to be read, and from where."""
