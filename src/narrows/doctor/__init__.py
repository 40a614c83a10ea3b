"""The doctor: what is wrong with data before anything is trained, or with a finished run, and what to do."""
