"""Questions about a plan, each a model of JSON and an answer as a JSON document."""
