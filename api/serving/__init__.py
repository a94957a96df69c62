"""The server around the application: connections, signals, the end."""
