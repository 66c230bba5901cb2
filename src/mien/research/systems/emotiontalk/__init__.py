"""EmotionTalk's attention baseline: one encoder a modality, summed with weights that a small network gives."""
