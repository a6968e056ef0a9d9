DELETE FROM rejections WHERE at_ns < $until_ns
