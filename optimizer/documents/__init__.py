"""What was found, as JSON documents of plain values: what ``planopt --json`` prints and the API sends."""
