"""One linear layer on the mean of each modality: the floor for everything else."""
