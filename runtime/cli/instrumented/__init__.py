"""What programs of others begin with under `causeline instrument`. This folder is put on their path: nothing else in it
may have a name that a program imports."""
