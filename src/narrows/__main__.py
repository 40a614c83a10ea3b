"""`python -m narrows`, the same as `narrows`."""

from narrows.cli import main

if __name__ == "__main__":
    main()
