"""What age does to the hand that holds a pen: the published trends, and each person's own way around them.

Most published figures begin at 60 and give a direction, few give an amount. What is marked "choice" below has no
source: it was set so that age can be seen in a picture 64 pixels high, and no more of it than life shows.
"""

from dataclasses import dataclass, fields

import numpy as np

YOUNGEST, OLDEST = 7.0, 100.0  # years: no hand looks younger or older
SHIFT = 0.12  # choice: how far hands look older or younger than their owners; scale of a Student t, in log years
DAY = 0.35  # choice: how far a hand's age wanders from line to line; standard deviation, in log years


@dataclass(frozen=True)
class Motor:
    """How a hand moves while it writes one line.

    speed: millimetres a second on a straight piece. Letters a minute fall from 113 ± 20 at 60 to 69 years to 64 ± 19
        at 90 to 99 (Australian norms, n = 120); children get faster from 8 to 10 and no faster until 12 (Spain,
        n = 60). The amounts for children and between 12 and 60 are a choice.
    tremor: millimetres, standard deviation of the shaking. Dysfluency rises from 60 to 91 (Caligiuri 2014, n = 42);
        the amounts, the slow rise before 60 and a child's unsteady hand are choices. From about 75 on most hands shake
        as much as MOST allows: more could not be read.
    tremor_hz: swings a second, 11.32 - 0.042 * age (n = 340, 3 to 86 years).
    wobble: millimetres, deviations slower than tremor (2.6 a second, a choice): dysfluency, as above.
    rounding: x-heights over which a fluent hand cuts corners; falls as dysfluency rises. The amounts are a choice.
    taper: share of the pressure that is gone at the end of a stroke: a fluent hand lifts the pen in motion. Choice.
    pressure: 0 to 1, mean. Falls from 60 to 94 (Haifa 2006, n = 53; Caligiuri 2014); amounts and children: choice.
    unsteadiness: how far the pressure wanders within a line, as a standard deviation of its logarithm. Choice.
    pauses: stops of the pen for one letter's length. Rise from 60 to 94 (Haifa 2006); amounts and children: choice.
    size: millimetres, height of an x. Falls from 60 to 91 (Caligiuri 2014; strokes smaller in the old, Asci 2022,
        n = 156); amounts, and children's large letters: choice.
    size_spread: deviation of the letters' sizes, in logarithms. Higher at 75 to 91 than at 57 to 74 (Korea, n = 235);
        amounts and children: choice.
    baseline_spread: x-heights, deviation of the letters from the baseline: as size_spread.
    """

    speed: float
    tremor: float
    tremor_hz: float
    wobble: float
    rounding: float
    taper: float
    pressure: float
    unsteadiness: float
    pauses: float
    size: float
    size_spread: float
    baseline_spread: float


TRENDS = {  # parameter: (ages, values there); between them the logarithm runs straight
    "speed": ((8, 10, 12, 20, 62, 95), (8, 14, 14, 32, 31, 10)),
    "tremor": ((8, 13, 20, 45, 65, 92), (0.060, 0.040, 0.020, 0.042, 0.078, 0.125)),
    "tremor_hz": ((8, 92), (11.32 - 0.042 * 8, 11.32 - 0.042 * 92)),
    "wobble": ((8, 12, 20, 60, 92), (0.075, 0.045, 0.015, 0.032, 0.065)),
    "rounding": ((8, 13, 20, 60, 92), (0.04, 0.09, 0.17, 0.10, 0.04)),
    "taper": ((8, 13, 20, 60, 92), (0.10, 0.35, 0.85, 0.45, 0.10)),
    "pressure": ((8, 12, 20, 60, 94), (0.84, 0.72, 0.64, 0.54, 0.36)),
    "unsteadiness": ((8, 13, 20, 60, 92), (0.26, 0.16, 0.10, 0.20, 0.42)),
    "pauses": ((8, 12, 20, 60, 92), (0.40, 0.18, 0.05, 0.18, 0.60)),
    "size": ((8, 12, 18, 60, 91), (2.9, 2.45, 2.2, 2.1, 1.8)),
    "size_spread": ((8, 12, 20, 60, 75, 91), (0.16, 0.09, 0.035, 0.065, 0.09, 0.13)),
    "baseline_spread": ((8, 12, 20, 60, 75, 91), (0.14, 0.08, 0.025, 0.055, 0.085, 0.13)),
}
OWN = {  # how far people of one hand age differ: standard deviations of the logarithms; speed from the norms above
    "speed": 0.18, "tremor": 0.2, "tremor_hz": 0.08, "wobble": 0.2, "rounding": 0.15, "taper": 0.15,
    "pressure": 0.14, "unsteadiness": 0.2, "pauses": 0.3, "size": 0.16, "size_spread": 0.15, "baseline_spread": 0.2,
}  # fmt: skip
# choices, so that people can read it: the smallest x in millimetres; the most of tremor and wobble in x-heights, of
# the rest as in Motor
SMALLEST = 1.9
MOST = {"tremor": 0.04, "wobble": 0.028, "pressure": 1.0, "taper": 0.95, "unsteadiness": 0.35, "pauses": 0.5,
        "size_spread": 0.11, "baseline_spread": 0.11}  # fmt: skip


def hand_age(age: float, rng: np.random.Generator) -> float:
    """The age in years that the hand of a person of `age` years looks.

    Elders differ more than the young, and some write as young people do: two of three styles found among elders are
    the young's too (Marzinotto 2016). So the difference grows with age and has long tails; how far is a choice.
    """
    return float(np.clip(age * np.exp(SHIFT * rng.standard_t(3)), YOUNGEST, OLDEST))


def own_ways(rng: np.random.Generator) -> dict[str, float]:
    """A factor for each parameter of Motor: how one person differs from others of the same hand age."""
    return {name: float(np.exp(rng.normal(0, spread))) for name, spread in OWN.items()}


def motor_at(age: float, own: dict[str, float]) -> Motor:
    """The motor parameters of a hand that looks `age` years old, with a person's own factors."""
    age = np.clip(age, YOUNGEST, OLDEST)
    values = {}
    for field in fields(Motor):
        ages, trend = TRENDS[field.name]
        values[field.name] = float(np.exp(np.interp(age, ages, np.log(trend))) * own[field.name])
    values["size"] = size = max(values["size"], SMALLEST)
    most = MOST | {name: MOST[name] * size for name in ("tremor", "wobble")}
    return Motor(**values | {name: min(values[name], limit) for name, limit in most.items()})
