"""What else is trained in the book, one model a file; the policy heads have their own room, helpers/heads/."""
