"""What a program of the user holds: the session, runs that it started, and what starts them."""
