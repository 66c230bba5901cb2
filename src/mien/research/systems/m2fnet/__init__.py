"""M2FNet: every turn of a dialogue from text, audio and sight, with the dialogue around it."""
