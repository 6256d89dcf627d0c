"""Evidence: published figures, effect-size conversions, pooling and its checks, claims and their rules."""
