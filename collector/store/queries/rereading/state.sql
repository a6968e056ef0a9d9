SELECT rules, since_us, until_us, next_ns FROM rereading
