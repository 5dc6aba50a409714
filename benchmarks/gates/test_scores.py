"""Tests of the statistics. Needs Python's standard library alone."""

import random
import unittest

import scores


class ScoreTests(unittest.TestCase):
    def test_the_interquartile_mean_leaves_out_a_quarter_at_each_end_rounded_down(self):
        self.assertEqual(scores.interquartile_mean([3, 1, 2]), 2)  # none of three
        self.assertEqual(scores.interquartile_mean([100, 2, 3, 1]), 2.5)  # one of four
        self.assertEqual(scores.interquartile_mean([10, 9, 8, 7, 6, 5, 4, 3, 2, 1000]), 6.5)  # two of ten
        self.assertEqual(scores.interquartile_mean([7]), 7)

    def test_the_interval_is_that_of_the_values_in_any_order(self):
        values = [500, 480, 499, 500, 350, 500, 497, 500, 500, 490]
        turned = random.Random(1).sample(values, len(values))
        self.assertEqual(scores.interval(values), scores.interval(turned))
        low, high = scores.interval(values)
        self.assertLess(low, scores.interquartile_mean(values))
        self.assertLessEqual(high, 500)

    def test_the_interval_of_normal_values_has_the_width_of_their_mean(self):
        values = [random.Random(seed).gauss(0, 1) for seed in range(400)]
        low, high = scores.interval(values, resamples=2000)
        # of a normal sample, the mean of the middle half has a variance of 1.19 / n (Stigler 1973 gives 1.2)
        self.assertAlmostEqual(high - low, 2 * 1.96 * (1.19 / 400) ** 0.5, delta=0.04)

    def test_equal_seeds_have_an_interval_without_width(self):
        self.assertEqual(scores.interval([5.0] * 10), (5.0, 5.0))

    def test_one_seed_of_ten_may_be_below_the_floor(self):
        self.assertEqual([scores.allowed_below(seeds) for seeds in (1, 3, 9, 10, 20)], [0, 0, 0, 1, 2])
        self.assertTrue(scores.judge([500.0] * 9 + [100.0], goal=495, floor=450).passed)
        self.assertFalse(scores.judge([500.0] * 8 + [449.9] * 2, goal=495, floor=450).passed)
        self.assertFalse(scores.judge([500.0] * 2 + [449.0], goal=400, floor=450).passed)

    def test_the_goal_and_the_floor_themselves_are_reached(self):
        self.assertTrue(scores.judge([-82.0] * 10, goal=-82, floor=-82).passed)
        self.assertFalse(scores.judge([-82.1] * 10, goal=-82, floor=-110).passed)


if __name__ == "__main__":
    unittest.main()
