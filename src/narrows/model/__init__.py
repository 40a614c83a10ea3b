"""Autoencoders as five choices: corruption, encoder, bottleneck, decoder and loss, with penalties."""
