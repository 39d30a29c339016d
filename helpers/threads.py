"""One thread for torch, unless OMP_NUM_THREADS says otherwise.

Networks as small as this book's gain nothing by more, and on a busy machine threads that wait for each other take
several times as long (`make bench` measures both). `torch.set_num_threads(4)` after the imports takes it back.
"""

import os

import torch

if "OMP_NUM_THREADS" not in os.environ:
    torch.set_num_threads(1)
