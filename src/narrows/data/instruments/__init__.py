"""Arrays in the files of microscopes and detectors, with what the files say of their axes."""
