SELECT channel FROM own_channels
