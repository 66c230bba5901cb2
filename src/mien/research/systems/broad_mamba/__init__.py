"""Dialogues read both ways by state space models, and modalities that weigh as much as they are sure (re-creation)."""
