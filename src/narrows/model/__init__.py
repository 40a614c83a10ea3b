"""The five choices, put together."""
