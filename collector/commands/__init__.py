"""What is done with the store beside serving it: one command a file. Each says in a line what it did."""
