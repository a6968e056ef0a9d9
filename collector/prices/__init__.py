"""What calls of models cost: lists of prices, the names of models as senders spell them, and the sum of one call. Pure
but for the reading of the user's file."""
