"""The answer to a question by hand: the best span of the context, from the start and end logits."""

import torch


def answer(model, tokenizer, question: str, context: str, longest: int = 30) -> dict:
    """The part of `context` that answers `question`, found by hand from the start and end logits.

    Returns answer, start and end (characters), score (the probability that the answer starts here and ends there;
    "no answer", the [CLS] token, has its share too) and margin (best span's logits minus those of "no answer"; below
    0 the model would rather not answer). longest: tokens of the longest answer.
    """
    encoded = tokenizer(question, context, truncation="only_second", max_length=512, return_offsets_mapping=True,
                        return_tensors="pt")  # fmt: skip
    offsets = encoded.pop("offset_mapping")[0].tolist()
    in_context = torch.tensor([i == 1 for i in encoded.sequence_ids(0)])
    with torch.inference_mode():
        output = model(**encoded.to(model.device))
    start, end = output.start_logits[0].float().cpu(), output.end_logits[0].float().cpu()
    allowed = in_context.clone()
    allowed[0] = True  # [CLS] stands for "no answer"
    start, end = (x.masked_fill(~allowed, -torch.inf) for x in (start, end))
    pair = start.log_softmax(0)[:, None] + end.log_softmax(0)[None, :]
    spans = torch.ones_like(pair, dtype=torch.bool).triu() & torch.ones_like(pair, dtype=torch.bool).tril(longest - 1)
    best = pair.masked_fill(~(spans & in_context[:, None] & in_context[None, :]), -torch.inf)
    first, last = divmod(int(best.argmax()), len(start))
    left, right = offsets[first][0], offsets[last][1]
    return {"answer": context[left:right], "start": left, "end": right, "score": float(pair[first, last].exp()),
            "margin": float(start[first] + end[last] - start[0] - end[0])}  # fmt: skip
