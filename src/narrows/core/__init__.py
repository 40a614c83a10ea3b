"""What every other package uses: errors, files, memory, records and tables of parts."""
