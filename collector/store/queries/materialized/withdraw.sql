-- Has work that was stored since a time worked out again: by a clock that was set back it was stored before what is known.
UPDATE materialized SET until_us = least(until_us, $stored_us)
