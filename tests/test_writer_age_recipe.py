"""The age model's and the decoders' recipes: people and their lines, the ways to put the task, intervals, tables."""

import numpy as np
import pytest
import torch
from PIL import Image

from data.recipes.age import _age_training, decoder_language, writer_age
from data.recipes.age._age_training import (
    GROUPS,
    Groups,
    Hands,
    Numbers,
    Texts,
    Training,
    answers,
    as_input,
    encoder_of,
    reader,
)
from data.recipes.common.scores import interval
from data.recipes.handwriting._reader import PAD, VOCABULARY, processor
from data.recipes.handwriting._writers import HEIGHT, WIDTH, People, in_ways, written

TEXTS = {"en": ["A film that is as good as its makers say it is."] * 3, "de": ["ein Programm, das Bilder zeigt"] * 3}


@pytest.fixture(scope="module")
def people():
    return written([0], 6, 2, TEXTS)


def test_writers_and_their_lines(people):
    assert people.pictures.shape == (12, HEIGHT, WIDTH) and people.each == 2
    assert list(people.languages) == ["en", "de"] * 3
    assert people.texts[2] in TEXTS["de"][0] and people.texts[4] in TEXTS["en"][0]
    again = written([0], 2, 2, TEXTS)
    assert np.array_equal(again.pictures, people.pictures[:4]) and np.array_equal(again.ages, people.ages[:2])


def test_the_same_strokes_by_other_pens(people):
    """Of the same people and texts, so that only the pen, the paper and the scanner differ; drawn twice, the same."""
    others, again = (written([0], 6, 2, TEXTS, other_pens=True) for _ in range(2))
    assert np.array_equal(others.ages, people.ages) and np.array_equal(others.texts, people.texts)
    assert np.array_equal(others.pictures, again.pictures)
    paper = [np.median(lines.pictures, axis=(1, 2)) for lines in (people, others)]
    assert np.ptp(paper[1]) > 2 * np.ptp(paper[0])
    dark = [(lines.pictures < np.median(lines.pictures, axis=(1, 2))[:, None, None] - 30) for lines in (people, others)]
    for own, other in zip(*dark, strict=True):  # the ink lies in the same columns
        columns = [np.flatnonzero(picture.any(0)) for picture in (own, other)]
        assert abs(columns[0][-1] - columns[1][-1]) < 0.15 * WIDTH


def test_a_line_in_each_way():
    ways = {way: people.pictures.astype(float) for way, people in in_ways([0], 3, TEXTS["en"]).items()}
    ink = {way: (pictures < 0.7 * np.median(pictures)).mean() for way, pictures in ways.items()}
    assert ink["fine pen"] < ink["usual"] < ink["broad pen"] < ink["marker"]
    assert np.median(ways["grey paper"]) < np.median(ways["usual"]) - 40
    assert ways["very pale ink"].min() > ways["usual"].min() + 50
    assert np.median(ways["black and white"]) == np.median(ways["more contrast"]) == 255


def test_that_the_same_strokes_get_another_answer_costs(people, monkeypatch):
    """Nothing in the first half of a training, then more and more."""
    monkeypatch.setattr(_age_training, "BATCH", 8)
    task, others = Numbers(encoder_of("reader"), people), written([0], 6, 2, TEXTS, other_pens=True)
    one, other, ages = as_input(people.pictures), as_input(others.pictures), torch.tensor(people.of_lines("ages"))
    with torch.no_grad():
        apart = (task.model(one).logits - task.model(other).logits).abs().mean() / task.model.config.spread
        plain = (task.loss(one, ages) + task.loss(other, ages)) / 2
        assert apart > 0
        torch.testing.assert_close(task.loss_of_pairs(one, other, ages, 0.5), plain + 0.5 * apart, rtol=1e-4, atol=1e-5)

    training, costs = Training(task, people, 10, 0, others), []

    def loss_of_pairs(pictures, others, ages, agree):
        assert len(pictures) == len(others) == len(ages) == 4
        costs.append(agree / _age_training.AGREE)
        return task.loss(pictures, ages)

    monkeypatch.setattr(task, "loss_of_pairs", loss_of_pairs)
    for _ in range(10):
        training.advance()
    assert costs == pytest.approx([0] * 6 + [0.5] + [1] * 3)


def test_calibrated_the_right_shares_lie_below(people):
    task = Numbers(encoder_of("reader"), people)
    with torch.no_grad():
        task.model.head.bias += 0.7
    writer_age.calibrate(task, people)
    below = people.ages[:, None, None] < answers(task, people)
    assert below.mean((0, 1)) == pytest.approx([0.1, 0.5, 0.9], abs=1 / 12)


def test_the_table_of_pens(people, monkeypatch):
    monkeypatch.setattr(writer_age, "in_ways", lambda key, writers, texts: in_ways(key, 4, texts))
    monkeypatch.setattr(writer_age, "sentences", lambda split: TEXTS)
    table = writer_age.pens_table(Numbers(encoder_of("reader"), people)).set_index("way")
    assert (table.loc["usual", ["older_by", "moved_by"]] == 0).all()
    assert (table["moved_by"] >= abs(table["older_by"])).all() and table["inside"].between(0, 1).all()


def test_a_part_of_the_people_keeps_lines_and_writers_together(people):
    part = people.part(1, 3)
    assert np.array_equal(part.pictures, people.pictures[2:8]) and np.array_equal(part.ages, people.ages[1:4])
    assert np.array_equal(part.of_lines("ages"), np.repeat(people.ages[1:4], 2))
    german = decoder_language.part_in("de", people, 1, 4)
    assert set(german.languages) == {"de"} and np.array_equal(german.pictures[:2], people.pictures[6:8])


def test_pictures_come_to_the_model_as_from_the_processor(people):
    x = as_input(people.pictures[:2])
    pictures = [Image.fromarray(picture).convert("RGB") for picture in people.pictures[:2]]
    theirs = processor(HEIGHT, WIDTH).image_processor(pictures, return_tensors="pt").pixel_values
    torch.testing.assert_close(x, theirs, rtol=0, atol=1e-5)


def test_the_head_begins_as_ridge_regression(people):
    """On the lines that it was computed from it is nearer than the mean age, before any step."""
    torch.manual_seed(0)
    many = written([1], 30, 2, TEXTS)
    task = Numbers(encoder_of("reader"), many)
    years = answers(task, many)
    assert years.shape == (30, 2, 3) and (years[..., 0] < years[..., 2]).all()
    assert abs(years[..., 1].mean(1) - many.ages).mean() < 0.9 * abs(many.ages - many.ages.mean()).mean()


def test_encoders_to_start_from():
    trained, scratch = encoder_of("reader"), encoder_of("scratch")
    theirs = reader().encoder
    assert len(trained.layers) == len(scratch.layers) == 3 and len(theirs.layers) == 5
    weight = "layers.2.attention.q_proj.weight"
    assert torch.equal(trained.state_dict()[weight], theirs.state_dict()[weight])
    assert not torch.equal(scratch.state_dict()[weight], theirs.state_dict()[weight])


def test_groups_answer_with_quantiles_of_their_shares():
    task = Groups(encoder_of("scratch"))
    with torch.no_grad():
        task.head.weight.zero_()
        task.head.bias.fill_(-1e4)
        task.head.bias[3] = 0.0  # all of the probability in the fourth group
    with torch.inference_mode():
        quantiles = task.answers(torch.zeros(1, 3, HEIGHT, WIDTH))[0]
    assert quantiles == pytest.approx([GROUPS[3] + 1, GROUPS[3] + 5, GROUPS[3] + 9])


def test_each_way_learns(people, monkeypatch):
    """Some steps on the same lines make the loss smaller; the age as text becomes a number."""
    monkeypatch.setattr(_age_training, "BATCH", 8)
    texts = Texts(reader(), usual=40.0)
    for task, writers in ((Groups(encoder_of("reader")), 4), (texts, 4), (Hands(encoder_of("reader")), 8)):
        training = Training(task, written([2], writers, 2, TEXTS), 8, 0)  # each batch holds all of them
        training.warm_up = 1
        losses = [training.advance() for _ in range(8)]
        assert losses[-1] < losses[0], type(task).__name__
    assert answers(texts, people.part(0, 3)).shape == (3, 2, 3)


def test_telling_hands_apart_wants_pairs(people):
    task = Hands(encoder_of("scratch"))
    training = Training(task, written([2], 64, 2, TEXTS), 2, 0)
    rows = training.rows(np.random.default_rng(0))
    assert np.array_equal(rows[0::2] + 1, rows[1::2]) and (rows[0::2] % 2 == 0).all()


def test_intervals_are_over_writers():
    values = np.r_[np.zeros(50), np.ones(50)]
    low, high = interval(values)
    assert 0.38 < low < 0.45 and 0.55 < high < 0.62  # 0.5 -+ 1.96 * 0.05
    assert interval(np.ones(10)) == (1, 1)
    wrong, of = np.array([1.0, 9.0]), np.array([10.0, 90.0])
    assert interval(wrong, of) == (pytest.approx(0.1), pytest.approx(0.1))


def test_a_row_of_the_table():
    ages = np.array([20.0, 40, 60])
    run, base = np.array([[10.0, 30]] * 3), np.array([[60.0, 60]] * 3)
    row = writer_age.row_of("number", "reader", 250, [run], [base], ages)
    assert row["error_one_line"] == pytest.approx(np.mean([10, 20, 40]))
    assert row["error_five_lines"] == pytest.approx(np.mean([0, 20, 40]))
    assert row["gain"] == pytest.approx(np.mean([40, 0, -40]))


def test_without_a_decoder_neighbours_that_say_the_same_are_one_letter(monkeypatch):
    task = decoder_language.ReadingAlone()
    a, b = VOCABULARY["a"], VOCABULARY["b"]
    columns = torch.tensor([[a, a, PAD, a, b, b, PAD, PAD]])
    monkeypatch.setattr(task, "scores", lambda states: torch.nn.functional.one_hot(columns, len(VOCABULARY)).float())
    assert task.answers(None) == ["aab"]


@pytest.mark.parametrize("decoder", [name for name in decoder_language.DECODERS if name != "none"])
def test_the_decoders_that_are_put_in(decoder):
    model = decoder_language.assembled(decoder)
    assert (model.config.decoder_start_token_id, model.config.pad_token_id) == (1, 0)
    with torch.inference_mode():
        ids = model.generate(torch.zeros(1, 3, HEIGHT, WIDTH), max_new_tokens=3, num_beams=1, do_sample=False)
    assert ids.shape[1] <= 4


def test_decoders_learn_from_states_that_are_computed_once(people, tmp_path, monkeypatch):
    monkeypatch.setattr(decoder_language, "WORK", tmp_path)
    monkeypatch.setattr(decoder_language, "BATCH", 16)
    many = written([3], 8, 2, TEXTS)
    states = decoder_language.states_of(many)
    assert states.shape == (16, 97, 192) and len(list(tmp_path.glob("states-*.pt"))) == 1
    assert torch.equal(decoder_language.states_of(many), states)
    model = decoder_language.assembled("german")
    encoder = {name: value.clone() for name, value in model.encoder.state_dict().items()}
    for task in (decoder_language.Reading(model), decoder_language.WritingAge(model), decoder_language.ReadingAlone()):
        training = decoder_language.Training(task, many, 6, 0, 1.0)
        training.warm_up = 1
        before = task.loss(states.float(), many.texts.tolist(), training.ages).item()
        for _ in range(6):
            training.advance()
        assert task.loss(states.float(), many.texts.tolist(), training.ages).item() < before
        found = decoder_language.tried(task, many.part(0, 2), states[:4], usual=40.0)
        assert len(found["wrong"]) == len(found["of"]) == 2
    assert all(torch.equal(encoder[name], value) for name, value in model.encoder.state_dict().items())


def test_errors_are_summed_by_writer():
    people = People(np.zeros((4, HEIGHT, WIDTH), np.uint8), np.array([30.0, 50]), np.array(["de", "de"]),
                    np.array(["ab", "abc", "abcd", "a"]))  # fmt: skip

    class Read(torch.nn.Module):
        def answers(self, states):
            return ["ab", "a", "xbcd", ""]

    found = decoder_language.tried(Read(), people, torch.zeros(4), usual=0.0)
    assert found == {"wrong": [2, 2], "of": [5, 5]} and decoder_language.rate(found) == pytest.approx(0.4)
    assert decoder_language.years_off(np.array([20.0, 30, 50, 60]), people)["wrong"] == [5, 5]
