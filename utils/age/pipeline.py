"""The task "writer-age" for transformers' pipeline, known as soon as this module is imported.

import utils.age.pipeline
tell_age = pipeline("writer-age", model=checkpoint("writer-age"))
tell_age("line.png")    # {"age": 43.1, "low": 28.0, "high": 61.5}
"""

from pathlib import Path

from PIL import Image
from transformers import AutoModel, Pipeline
from transformers.image_utils import load_image
from transformers.pipelines import PIPELINE_REGISTRY

from utils.age.model import WriterAgeModel
from utils.handwriting.lines import fit_line
from utils.vision.opening import open_picture

TASK = "writer-age"


class WriterAgePipeline(Pipeline):
    """From the picture of a line (PIL, path or address; also a list) to the writer's age in years.

    The answer holds `age`, the median of the ages of people who write like this, and `low` and `high`, between which
    eight in ten of them are. It is a property of the model's training data, not of the person.
    """

    _load_processor = False
    _load_image_processor = True
    _load_feature_extractor = False
    _load_tokenizer = False

    def _sanitize_parameters(self) -> tuple[dict, dict, dict]:
        return {}, {}, {}

    def preprocess(self, image: str | Path | Image.Image):
        if not isinstance(self.model, WriterAgeModel):
            raise ValueError(f"{TASK} needs a WriterAgeModel, not a {type(self.model).__name__}")
        if isinstance(image, str) and image.startswith(("http://", "https://")):
            image = load_image(image)
        elif isinstance(image, str | Path):  # transformers would convert it before fit_line sees it
            image = open_picture(image)
        line = fit_line(image, *self.model.config.picture_size).convert("RGB")
        return self.image_processor(line, return_tensors="pt")

    def _forward(self, model_inputs):
        return self.model(**model_inputs)

    def postprocess(self, model_outputs) -> dict[str, float]:
        low, age, high = sorted(model_outputs.logits[0].tolist())
        return {"age": round(age, 1), "low": round(low, 1), "high": round(high, 1)}


if TASK not in PIPELINE_REGISTRY.get_supported_tasks():
    PIPELINE_REGISTRY.register_pipeline(TASK, pipeline_class=WriterAgePipeline, pt_model=AutoModel, type="image")
