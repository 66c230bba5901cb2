"""The extractor of M2FNet: embeddings of sound or faces learnt from triplets of labels."""
