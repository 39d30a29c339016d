"""One colour for one thing, in every chart and figure; chosen to stay apart for colour-blind readers and to have
a contrast of at least 3 : 1 on the light page and on the dark one."""

P = "#0b8f6a"  # the demonstrator p
Q = "#b3588f"  # a model q
SUCCESS = "#2f7fc4"
CRASH = "#d9560b"
NEUTRAL = "#8a8a8a"  # the obstacle, guides, anything that is neither
SERIES = ("#3c8fa8", "#a8742a", "#7d6fc4")  # lines that are none of these, in the order of their legend
