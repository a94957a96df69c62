"""What was found, as JSON documents of plain values: what ``planopt`` prints with --json and the API sends."""
