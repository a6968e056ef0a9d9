"""Overview: is anything wrong now?"""
