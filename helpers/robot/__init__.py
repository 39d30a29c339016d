"""The robot's task and its tokens: what is done, not who does it."""
