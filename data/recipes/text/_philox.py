"""The random numbers that torch draws on a GPU, drawn with numpy: the same pieces are masked on every machine."""

import numpy as np


def gpu_random(seed: int, call: int, shape: tuple[int, ...]) -> np.ndarray:
    """What the call number `call` (0, 1, …) of torch.rand gives on CUDA after manual_seed(seed): float32 in (0, 1].

    Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), of whose four numbers torch uses
    the first. This holds while all calls are for tensors that the GPU takes in at once (some 100,000 numbers).
    """
    count = int(np.prod(shape))
    zeros, low, half = np.zeros(count, dtype=np.uint64), np.uint64(0xFFFFFFFF), np.uint64(32)
    counter = [zeros + np.uint64(call), zeros, np.arange(count, dtype=np.uint64), zeros]
    keys = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        one, other = counter[0] * np.uint64(0xD2511F53), counter[2] * np.uint64(0xCD9E8D57)
        counter = [
            (other >> half) ^ counter[1] ^ np.uint64(keys[0]),
            other & low,
            (one >> half) ^ counter[3] ^ np.uint64(keys[1]),
            one & low,
        ]
        keys = [(keys[0] + 0x9E3779B9) & 0xFFFFFFFF, (keys[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return (counter[0].astype(np.float32) * np.float32(2**-32) + np.float32(2**-33)).reshape(shape)
