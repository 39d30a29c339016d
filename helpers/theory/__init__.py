"""Formulas and what follows from them exactly: written once, for numbers, tensors and charts. Nothing here is trained."""
