#!/usr/bin/env python3
"""Bits per character of n-gram models of a text: what a model of its characters has to beat.

    bible -f "gen1:1-rev22:21" > bible-kjv.txt
    python3 models/char_rnn/ngram.py bible-kjv.txt

An n-gram model of order n knows a character by the n - 1 before it.  Its probabilities are those of Witten and Bell (1991): after the
context h, seen C(h) times and followed by T(h) different characters, P(x | h) = (C(hx) + T(h) P(x | h')) / (C(h) + T(h)), where h' is h
without its first character; below the empty context all tokens are equally likely.  As the data source `text` of dlc does it, the first
nine tenths of the characters are counted, the last tenth is predicted, and a character that the first part does not have is the token 0.
"""
import argparse
import math
from collections import defaultdict


def tokens(text, share):
    """The tokens to count, those to predict, and how many there are: the characters of the first part from 1 on, 0 for any other."""
    training = len(text) - int(share * len(text))
    number = {c: i for i, c in enumerate(sorted(set(text[:training])), 1)}
    all_tokens = [number.get(c, 0) for c in text]
    return all_tokens[:training], all_tokens[training:], len(number) + 1


def bits_per_character(training, test, symbols, most):
    """For each order from 1 to `most`; every order predicts the same characters, all of the test but its first."""
    probability = [1 / symbols] * (len(test) - 1)  # of order 0
    for order in range(1, most + 1):
        follow = defaultdict(lambda: defaultdict(int))  # context -> character -> how often
        key = 0
        for i, token in enumerate(training):
            # The context is a number in base `symbols`: the order - 1 tokens before `token`.
            if i >= order - 1:
                follow[key][token] += 1
            key = (key * symbols + token) % symbols ** (order - 1)
        total = {context: sum(counts.values()) for context, counts in follow.items()}
        key = 0
        for i, token in enumerate(test):
            if i > 0 and key in follow:
                kinds = len(follow[key])
                probability[i - 1] = (follow[key].get(token, 0) + kinds * probability[i - 1]) / (total[key] + kinds)
            key = (key * symbols + token) % symbols ** (order - 1)
        yield order, -sum(map(math.log2, probability)) / len(probability)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", help="a text in UTF-8")
    parser.add_argument("--orders", type=int, default=6, help="the highest order (default: 6)")
    parser.add_argument("--test", type=float, default=0.1, help="the share at the end that is predicted (default: 0.1)")
    options = parser.parse_args()
    with open(options.file, encoding="utf-8", newline="") as file:
        training, test, symbols = tokens(file.read(), options.test)
    print(f"{len(training)} characters counted, {len(test) - 1} predicted, {symbols} tokens")
    for order, bits in bits_per_character(training, test, symbols, options.orders):
        print(f"order {order}  {bits:.3f}", flush=True)


if __name__ == "__main__":
    main()
