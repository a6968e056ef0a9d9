"""When things are due: cron expressions, intervals, and what is done about ticks that were missed. Pure."""
