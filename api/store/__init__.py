"""The durable truth of the service, in one database: runs, tasks, results, events, answers, plans and scenarios."""
