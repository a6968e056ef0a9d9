INSERT INTO own_channels SELECT unnest($channels)
