UPDATE materialized SET until_us = $until_us
