"""What viewers feel while they watch: picture, motion and sound reduced to a few numbers a frame, then FC or LSTM."""
