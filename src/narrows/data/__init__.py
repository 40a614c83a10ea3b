"""From a person's files to values a model can be trained on, and back."""
