"""Answers that are kept: found by their ETag, within a bound, the least recently used first to go."""

import os
from concurrent.futures import ThreadPoolExecutor

from api.store.answers import Answers
from api.store.records import Document


def document(etag, size=1000):
    return Document.of(os.urandom(size), "application/octet-stream", etag)


def kept(answers, etags):
    return [etag for etag in etags if answers.get(etag)]


def test_an_answer_comes_back_as_it_was(database):
    answers = Answers(database)
    answer = Document.of_json({"status": "optimal", "名": "阳泉"}, "w1")
    assert answers.get("w1") is None
    answers.put(answer)
    assert Answers(database).get("w1") == answer
    assert answer.json() == {"status": "optimal", "名": "阳泉"}
    answers.put(Document.of_json("another", "w1"))
    assert answers.get("w1") == answer, "an answer is never changed"


def test_the_least_recently_used_gives_way(database):
    answers = Answers(database, most_bytes=3500)
    for etag in "abc":
        answers.put(document(etag))
    assert answers.get("a")
    answers.put(document("d"))
    assert kept(Answers(database), "abcd") == ["a", "c", "d"]
    answers.put(document("e", 2000))
    assert kept(Answers(database), "abcde") == ["d", "e"]


def test_an_answer_larger_than_everything_is_not_kept(database):
    answers = Answers(database, most_bytes=1500)
    answers.put(document("a"))
    answers.put(document("b", 2000))
    assert kept(answers, "ab") == ["a"]


def test_many_at_once(database):
    answers = [Answers(database, most_bytes=10_000) for _ in range(4)]

    def work(number):
        for i in range(12):
            answers[number].get(f"e{(i + 1) % 12}")
            answers[number].put(document(f"e{i}"))
            answers[number].get(f"e{(i + number) % 12}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    left = kept(answers[0], [f"e{i}" for i in range(12)])
    assert 8 <= len(left) <= 9, "1000 bytes each do not shrink, and 10 000 are the bound"
