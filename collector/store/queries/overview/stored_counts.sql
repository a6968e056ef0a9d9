SELECT
    (SELECT count(*) FROM spans) AS stored,
    (SELECT coalesce(sum(spans), 0) FROM rejections WHERE NOT kept) AS rejected
