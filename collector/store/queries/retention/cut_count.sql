SELECT count(*) AS spans FROM cut
