"""The live charts, one module for each notebook, and the pieces that they share."""
