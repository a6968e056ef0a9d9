DELETE FROM rereading
