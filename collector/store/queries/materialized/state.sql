SELECT until_us FROM materialized
