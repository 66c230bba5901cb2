"""Who and when: speech, turns, faces, tracks, persons, transcript."""
