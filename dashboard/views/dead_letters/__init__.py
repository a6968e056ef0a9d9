"""The view of dead letters: the page, its list, the letter that is read, and sending letters again."""
