"""Questions about what is stored, answered as the API gives them. They read one snapshot and change nothing."""
