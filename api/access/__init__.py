"""Who may ask what, and how often: keys with roles, rates, and requests that a browser was lured into."""
