"""The doctor: what is ill, and what to do; of data before anything is trained, and of a finished run."""
