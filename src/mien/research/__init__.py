"""Door 3, methods: published systems, one trainer, honest protocols. torch lives here and nowhere else."""
