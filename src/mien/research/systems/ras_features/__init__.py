"""Team RAS's fusion of features: what a segment's modalities are, put together before an emotion is named."""
