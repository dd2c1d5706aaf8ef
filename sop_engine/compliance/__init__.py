"""What a ministry asks: is the SOP followed, where and with whom do cases wait? No attribute of a person."""
