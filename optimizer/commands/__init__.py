"""What the commands of ``planopt`` do, one module a command; ``optimizer.cli`` declares them."""
