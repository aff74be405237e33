"""What HTTP asks of the server apart from any one address: bodies, answers, streams, problems, identity."""
