"""What is written is what is read: one codec for all values that are stored or sent.

`encode.encode` makes natural JSON of a value, and beside it notes of what natural JSON does not say (`note`); `encoded`
holds both. `codec.Codec` reads them into a declared type. `masking.mask_secrets` leaves of a value what may be shown.
"""
