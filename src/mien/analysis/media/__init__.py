"""From bytes to a Recording: audio, video, images, text, subtitles, dialogue, wearables."""
