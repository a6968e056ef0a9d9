-- What was called by the calls of the table `found_calls`, as prices are looked up by it.
SELECT response_model, model, provider, service_tier
FROM found_calls
GROUP BY ALL
ORDER BY count(*) DESC, response_model, model, provider, service_tier
LIMIT $most
