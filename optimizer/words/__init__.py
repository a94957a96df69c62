"""An answer in words: Chinese and English sentences from the plan's own names. Nothing here changes a number."""
