-- When the attempts of the table `tried` began, the first and the last.
SELECT min(start_ns) AS first_ns, max(start_ns) AS last_ns FROM tried
