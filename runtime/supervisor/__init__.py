"""Processes of one command: started in order, watched, ended in order, and none left behind."""
