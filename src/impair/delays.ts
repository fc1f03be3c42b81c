/**
 * Delays of the frames of one impairment: a mean with jitter around it. A distribution is a table of 4,096
 * quantiles, in standard deviations from the mean, from which a random number picks one.
 *
 * Source: `tabledist` in net/sched/sch_netem.c; the tables that iproute2 makes for tc (netem/normal.c,
 * pareto.c, paretonormal.c): a Pareto distribution with a shape of 3, and one part of the normal
 * distribution to three of that. As there, no quantile is beyond 4, and no delay is below 0.
 */

import { f64At } from '../wire/read';
import { Dice } from './dice';
import { RANDOM_RANGE, type Random } from './random';
import type { Delay, Distribution } from './settings';

const QUANTILES = 4_096;
const FARTHEST = 4;
const PARETO_SHAPE = 3;
/** Mean and variance of the Pareto distribution of that shape whose least value is 1. */
const PARETO_MEAN = 1.5;
const PARETO_VARIANCE = 0.75;

export class Delays {
  /** [0]: the delay of the last frame, milliseconds. In an array, a number is never an object on the heap. */
  readonly last = new Float64Array(1);
  private readonly repeats: Dice | undefined;
  private readonly quantiles: Float64Array | undefined;

  constructor(
    private readonly delay: Delay,
    private readonly random: Random,
  ) {
    const { correlation, distribution, jitterMs, ms } = delay;
    this.last[0] = ms;
    if (jitterMs === 0) return;
    if (distribution !== 'uniform') this.quantiles = quantilesOf(distribution);
    this.draw();
    if (correlation > 0) {
      this.repeats = new Dice(random, { probability: correlation, correlation: 0 });
    }
  }

  /** Decides the delay of the next frame, which is `last[0]` then. */
  next(): void {
    if (this.delay.jitterMs === 0 || this.repeats?.throw() === true) return;
    this.draw();
  }

  private draw(): void {
    const { jitterMs, ms } = this.delay;
    const number = this.random.next() / RANDOM_RANGE;
    const { quantiles } = this;
    const deviation =
      quantiles === undefined ? 2 * number - 1 : f64At(quantiles, Math.floor(number * QUANTILES));
    this.last[0] = Math.max(0, ms + jitterMs * deviation);
  }
}

const made = new Map<Distribution, Float64Array>();

/** Quantiles of a distribution, from the least to the greatest, made once. */
function quantilesOf(distribution: Exclude<Distribution, 'uniform'>): Float64Array {
  const known = made.get(distribution);
  if (known !== undefined) return known;
  const quantiles = Float64Array.from({ length: QUANTILES }, (_, index) =>
    clip(quantile(distribution, (index + 0.5) / QUANTILES)),
  );
  made.set(distribution, quantiles);
  return quantiles;
}

function quantile(distribution: Exclude<Distribution, 'uniform'>, part: number): number {
  switch (distribution) {
    case 'normal':
      return normal(part);
    case 'pareto':
      return pareto(part);
    case 'paretonormal':
      return (clip(normal(part)) + 3 * clip(pareto(part))) / 4;
  }
}

function clip(deviation: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, deviation));
}

function pareto(part: number): number {
  return ((1 - part) ** (-1 / PARETO_SHAPE) - PARETO_MEAN) / PARETO_VARIANCE;
}

/** Terms of the approximation of the normal quantile by Abramowitz and Stegun, formula 26.2.23. */
const ABOVE = [2.515517, 0.802853, 0.010328] as const;
const BELOW = [1, 1.432788, 0.189269, 0.001308] as const;

/** Quantile of the standard normal distribution; its error is below 0.00045. */
function normal(part: number): number {
  if (part > 0.5) return -normal(1 - part);
  const t = Math.sqrt(-2 * Math.log(part));
  const above = ABOVE[0] + t * (ABOVE[1] + t * ABOVE[2]);
  const below = BELOW[0] + t * (BELOW[1] + t * (BELOW[2] + t * BELOW[3]));
  return above / below - t;
}
