"""Door 2, answers: the scorers of the field's benchmarks, and of anyone's own predictions."""
