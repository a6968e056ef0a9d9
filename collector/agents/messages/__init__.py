"""What models and tools were told and what they answered, in whichever of many conventions it was sent. Pure."""
