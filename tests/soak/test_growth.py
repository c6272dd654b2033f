"""The rule by which run.py says that something grows: it sees a small leak, and no step of a warm-up."""

import random
import unittest

import growth


class GrowthTest(unittest.TestCase):
    CASES = (
        ("nothing changes", lambda i: 10000, False),
        ("one byte in a hundred calls, a thousand calls each sample", lambda i: 10000 + 10 * i // 1000, False),
        ("a hundred bytes each call", lambda i: 10000 + 100 * i, True),
        ("a pool that is filled within the warm-up", lambda i: 10000 + 500 * min(i, 20), False),
        ("up and down", lambda i: 10000 + 3000 * (i % 7), False),
        ("noise", lambda i: 10000 + random.Random(i).randrange(400), False),
        ("noise over a leak", lambda i: 10000 + 30 * i + random.Random(i).randrange(400), True),
        ("it shrinks", lambda i: 10000 - 50 * i, False),
    )

    def test_cases(self):
        for name, value, expected in self.CASES:
            with self.subTest(name):
                samples = [{"rss_kb": value(i)} for i in range(100)]
                ((_, _, grew),) = growth.judge(samples, {"rss_kb": 64}).values()
                self.assertEqual(grew, expected)

    def test_a_descriptor_that_is_lost_now_and_then(self):
        samples = [{"fds": 20 + i // 10} for i in range(100)]
        self.assertEqual(growth.judge(samples, {"fds": 3}), {"fds": (24, 28, True)})

    def test_too_few_samples_are_no_verdict(self):
        self.assertIsNone(growth.judge([{"rss_kb": 1}] * 12, {"rss_kb": 64}))
        self.assertIsNotNone(growth.judge([{"rss_kb": 1}] * 13, {"rss_kb": 64}))


if __name__ == "__main__":
    unittest.main()
