"""The task "writer-age" for transformers' pipeline, known as soon as this module is imported.

import utils.age.pipeline
tell_age = pipeline("writer-age", model=checkpoint("writer-age"))
tell_age("line.png")    # {"age": 43.1, "low": 28.0, "high": 61.5}
tell_age("page.png")    # ValueError: page.png: This looks like several lines: cut out one
"""

import math
from pathlib import Path

from PIL import Image
from transformers import AutoModel, Pipeline
from transformers.image_utils import load_image
from transformers.pipelines import PIPELINE_REGISTRY

from utils.age.model import WriterAgeModel
from utils.handwriting.complaint import complaint
from utils.vision.opening import open_picture

TASK = "writer-age"
OLDEST = 110  # years: no answer is above
EIGHT_IN_TEN = 0.8 * math.sqrt(3)  # of evenly spread ages lie within so many standard deviations


class WriterAgePipeline(Pipeline):
    """From the picture of a line (PIL, path or address; also a list) to the writer's age in years.

    The answer holds `age`, the median of the ages of people who write like this, and `low` and `high`, between which
    eight in ten of them are. It is a property of the model's training data, not of the person.
    For a picture that hardly looks like a line of writing it also holds `warning`, a sentence, and `low` and `high` are
    at least as far apart as the ages of eight in ten of the people trained on. ValueError for a picture that is none.
    """

    _load_processor = False
    _load_image_processor = True
    _load_feature_extractor = False
    _load_tokenizer = False

    def _sanitize_parameters(self) -> tuple[dict, dict, dict]:
        return {}, {}, {}

    def preprocess(self, image: str | Path | Image.Image) -> dict:
        if not isinstance(self.model, WriterAgeModel):
            raise ValueError(f"{TASK} needs a WriterAgeModel, not a {type(self.model).__name__}")
        name = f"{image}: " if isinstance(image, str | Path) else ""
        if isinstance(image, str) and image.startswith(("http://", "https://")):
            image = load_image(image)
        elif isinstance(image, str | Path):  # transformers would convert it before fit_line sees it
            image = open_picture(image)
        trouble = complaint(image)
        if trouble and trouble.refuse:
            raise ValueError(name + trouble.text)
        line = self.model.config.fit(image)
        return {**self.image_processor(line, return_tensors="pt"), "warning": trouble and trouble.text}

    def _forward(self, model_inputs: dict) -> dict:
        return {"logits": self.model(model_inputs["pixel_values"]).logits, "warning": model_inputs["warning"]}

    def postprocess(self, model_outputs: dict) -> dict[str, float | str]:
        low, age, high = sorted(model_outputs["logits"][0].tolist())
        if warning := model_outputs["warning"]:
            mean, reach = self.model.config.mean, EIGHT_IN_TEN * self.model.config.spread
            low, high = min(low, mean - reach), max(high, mean + reach)
        low, age, high = (round(min(max(years, 0), OLDEST), 1) for years in (low, age, high))
        answer = {"age": age, "low": low, "high": high}
        return answer | {"warning": warning} if warning else answer


if TASK not in PIPELINE_REGISTRY.get_supported_tasks():
    PIPELINE_REGISTRY.register_pipeline(TASK, pipeline_class=WriterAgePipeline, pt_model=AutoModel, type="image")
