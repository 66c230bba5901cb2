"""What an emotion answer is: label spaces, distributions, dimensions and the mappings between them."""
