"""Build data/speech: eight short phrases spoken by a person, and a stretch of noise.

    python -m data.recipes.speech.speech               on Debian or Ubuntu

Source: Debian package alsa-utils (GPL-2), the sounds that `speaker-test` plays. The files are copied unchanged.
"""

import shutil
import tempfile
from pathlib import Path

import pandas as pd

from data.recipes.common.sources import check, debian_package
from utils.data import DATA

SHA256 = {
    "Front_Center.wav": "0d61518bcd3f13b0c709a5298e939caf698b80d31d71d50475365ee0e5536cc9",
    "Front_Left.wav": "9f97e8458785da2f0aa0ec60bf9cc81520cbf80a4683e83eca9cb5f2958e9fef",
    "Front_Right.wav": "1fdea4d7003f1f7d3e48d3521aaab0a112c4ac570b02ddf1813abacac3070f6f",
    "Noise.wav": "0d897df3862192ea078efc1dd8fdc4f51fae9e93d3ed4c15e049829b0386729e",
    "Rear_Center.wav": "9343207e3298813fdc4d26b7948e15a38533c37a9f232c3eff809b565398b330",
    "Rear_Left.wav": "1679e0557701864d55b742a0abd3fe5f50d95b1bfcb55ffad4b597dcc7e3c7b8",
    "Rear_Right.wav": "12828d125f692faa75c7445d52125dcc2c36f82c4f7a3ef49b8ae6afd74ada9d",
    "Side_Left.wav": "03dc7c641d7825417d2a261831715e945e95d87343fb037db910e7ce4f87a2a1",
    "Side_Right.wav": "ecdd0329945f355960796a56f8126d5080ed93fdd2437c7eaddbbbd56137d7e9",
}

if __name__ == "__main__":
    target = DATA / "speech"
    target.mkdir(exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        sounds = debian_package("alsa-utils", Path(folder)) / "usr" / "share" / "sounds" / "alsa"
        for name, expected in SHA256.items():
            shutil.copyfile(check(sounds / name, expected), target / name)
            spoken = "" if name == "Noise.wav" else name.removesuffix(".wav").replace("_", " ").lower()
            rows.append({"file_name": name, "text": spoken})
    pd.DataFrame(rows).to_csv(target / "metadata.csv", index=False)
    print(f"{len(rows)} recordings")
