/**
 * Runs experiments on devices under test, side by side.
 *
 * In each repeat of an experiment every device has its turn, in an order that changes from repeat to
 * repeat. So compared readings are seconds apart. The devices stay up between their turns, idle, as
 * long as the next experiments need the same shape.
 */

import { fits, isOurs, type Dut } from './duts/dut';
import type { Closable, Experiment, Pace, Readings, ShortTurns } from './experiments/experiment';
import { closeInstance, openInstance, warmUp, type Instance } from './instance';
import type { Shape } from './lab';
import { addReading, type Results } from './results';
import { FEWEST_READINGS } from './stats';
import { takeTurns } from './turns';

export interface Plan {
  experiments: readonly Experiment[];
  duts: readonly Dut[];
  repeats: number;
  pace: Pace;
  /** Keep a repeat only if all devices gave a reading: readings are compared in pairs. */
  isPaired: boolean;
}

export interface Progress {
  /** Called before each turn; `done` of `total` turns are over. */
  turn(done: number, total: number, what: string): void;
  /** Called after the last turn of an experiment, with the ids of its metrics. */
  finished(metrics: readonly string[]): void;
}

const ONE_TURN: ShortTurns = { count: 1, combine: ([reading]) => reading! };

export async function runPlan(plan: Plan, results: Results, progress: Progress): Promise<void> {
  const pool = new InstancePool();
  const entrants = plan.experiments.map((experiment) => ({
    experiment,
    duts: plan.duts.filter((dut) => takesPart(dut, experiment, plan.pace.isQuick)),
    repeats: repeatsOf(experiment, plan),
    turns: experiment.turns ?? ONE_TURN,
  }));
  const total = entrants.reduce(
    (sum, { duts, repeats, turns }) => sum + duts.length * repeats * turns.count,
    0,
  );
  let done = 0;
  for (const { experiment, duts, repeats, turns } of entrants) {
    await pool.changeShape(experiment.shape);
    const metrics = new Set<string>();
    for (let repeat = 0; repeat < repeats; repeat++) {
      const run = new Repeat(experiment, plan.pace, pool, results);
      // Another device begins each repeat, whatever the number of turns.
      const rounds = { first: repeat, count: turns.count };
      const taken = await takeTurns(duts, rounds, (dut) => {
        progress.turn(done++, total, `${experiment.id}: ${dut.title}`);
        return run.takeTurn(dut);
      });
      await run.end();
      for (const [dut, readings] of combined(taken, turns, plan.isPaired)) {
        for (const [metric, reading] of Object.entries(readings)) {
          addReading(results, metric, dut.name, reading);
          metrics.add(metric);
        }
      }
    }
    progress.finished([...metrics]);
  }
  await pool.closeAll();
}

export function takesPart(dut: Dut, experiment: Experiment, isQuick: boolean): boolean {
  return (
    (!isQuick || experiment.quickRun !== 'ours' || isOurs(dut)) &&
    (!experiment.isAboutOurs || isOurs(dut)) &&
    fits(dut, experiment.shape) &&
    !experiment.skips?.includes(dut.name) &&
    (!dut.isVariant || !experiment.skipsVariants) &&
    (dut.hasProcess || !experiment.needsProcess) &&
    (dut.learns || !experiment.needsLearning)
  );
}

/**
 * Number of repeats of an experiment when the command line asks for `repeats`. In a comparison an upper
 * limit leaves enough pairs for a range of the median.
 */
export function repeatsOf(
  { repeats: limits = {} }: Pick<Experiment, 'repeats'>,
  plan: Pick<Plan, 'repeats' | 'isPaired'> & { pace: Pick<Pace, 'isQuick'> },
): number {
  const { least = 1, leastQuick = 1, most = Infinity } = limits;
  const asked = Math.max(plan.repeats, plan.pace.isQuick ? leastQuick : least);
  return Math.min(asked, plan.isPaired ? Math.max(most, FEWEST_READINGS) : most);
}

/** One reading of each metric, from all turns. A device that failed in a turn has none. */
export function combined(
  taken: ReadonlyMap<Dut, readonly (Readings | undefined)[]>,
  turns: ShortTurns,
  isPaired: boolean,
): Map<Dut, Readings> {
  const ofDuts = new Map<Dut, Readings>();
  for (const [dut, readings] of taken) {
    const complete = readings.filter((ofTurn) => ofTurn !== undefined);
    if (complete.length < readings.length || complete.length === 0) continue;
    const metrics = Object.keys(complete[0]!);
    const combine = (metric: string): [string, number] => [
      metric,
      turns.combine(complete.map((ofTurn) => ofTurn[metric]!)),
    ];
    ofDuts.set(dut, Object.fromEntries(metrics.map(combine)));
  }
  return isPaired && ofDuts.size < taken.size ? new Map<Dut, Readings>() : ofDuts;
}

/** The turns of one repeat. */
class Repeat {
  private readonly kept = new Map<Dut, Closable>();
  private readonly failed = new Set<Dut>();

  constructor(
    private readonly experiment: Experiment,
    private readonly pace: Pace,
    private readonly pool: InstancePool,
    private readonly results: Results,
  ) {}

  /** Notes a device that fails. It has no more turns in this repeat, and starts anew for the next. */
  async takeTurn(dut: Dut): Promise<Readings | undefined> {
    if (this.failed.has(dut)) return undefined;
    const { experiment, pace, pool, results } = this;
    try {
      return await experiment.run({
        dut,
        pace,
        shared: () => pool.get(dut),
        kept: (open) => this.keep(dut, open),
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      results.failures.push({ experiment: experiment.id, dut: dut.name, message });
      this.failed.add(dut);
      await pool.close(dut);
      return undefined;
    }
  }

  async end(): Promise<void> {
    for (const kept of this.kept.values()) await kept.stop();
  }

  private async keep<T extends Closable>(dut: Dut, open: () => Promise<T>): Promise<T> {
    const kept = (this.kept.get(dut) as T | undefined) ?? (await open());
    this.kept.set(dut, kept);
    return kept;
  }
}

/** The instances that are up, all of one shape. */
class InstancePool {
  private shape: Shape | undefined;
  private readonly instances = new Map<Dut, Instance>();

  async changeShape(shape: Shape): Promise<void> {
    if (JSON.stringify(shape) === JSON.stringify(this.shape)) return;
    await this.closeAll();
    this.shape = shape;
  }

  async get(dut: Dut): Promise<Instance> {
    const open = this.instances.get(dut);
    if (open !== undefined) return open;
    const instance = await openInstance(dut, this.shape!);
    this.instances.set(dut, instance);
    await warmUp(instance);
    return instance;
  }

  async close(dut: Dut): Promise<void> {
    const instance = this.instances.get(dut);
    this.instances.delete(dut);
    if (instance !== undefined) await closeInstance(instance);
  }

  async closeAll(): Promise<void> {
    for (const dut of [...this.instances.keys()]) await this.close(dut);
  }
}
