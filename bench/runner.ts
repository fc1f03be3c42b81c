/**
 * Runs experiments on devices under test, side by side.
 *
 * For each experiment, for each repeat, every device has its turn, in an order that changes from
 * repeat to repeat: readings that are compared are seconds apart. The devices stay up between
 * their turns, idle, as long as the next experiments need the same shape.
 */

import { fits, type Dut } from './duts/dut';
import { OURS } from './duts/tapswitch';
import type { Experiment, Pace, Readings } from './experiments/experiment';
import { closeInstance, openInstance, warmUp, type Instance } from './instance';
import type { Shape } from './lab';
import { addReading, type Results } from './results';
import { counterbalanced } from './stats';

export interface Plan {
  experiments: readonly Experiment[];
  duts: readonly Dut[];
  repeats: number;
  pace: Pace;
}

export interface Progress {
  /** Before each turn; `done` of `total` turns are behind. */
  turn(done: number, total: number, what: string): void;
  /** After the last turn of an experiment, with the ids of the metrics that it gave. */
  finished(metrics: readonly string[]): void;
}

export async function runPlan(plan: Plan, results: Results, progress: Progress): Promise<void> {
  const pool = new InstancePool();
  const entrants = plan.experiments.map((experiment) => ({
    experiment,
    duts: plan.duts.filter((dut) => takesPart(dut, experiment, plan.pace.isQuick)),
    repeats: experiment.needsOneRepeat ? 1 : plan.repeats,
  }));
  const total = entrants.reduce((sum, { duts, repeats }) => sum + duts.length * repeats, 0);
  let done = 0;
  for (const { experiment, duts, repeats } of entrants) {
    await pool.changeShape(experiment.shape);
    const metrics = new Set<string>();
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const dut of counterbalanced(duts, repeat)) {
        progress.turn(done++, total, `${experiment.id}: ${dut.title}`);
        const readings = await takeTurn(experiment, dut, plan.pace, pool, results);
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

function takesPart(dut: Dut, experiment: Experiment, isQuick: boolean): boolean {
  return (
    (!isQuick || experiment.quickRun !== 'ours' || dut.name === OURS) &&
    (!experiment.isAboutOurs || dut.name === OURS) &&
    fits(dut, experiment.shape) &&
    (!dut.isVariant || !experiment.skipsVariants) &&
    (dut.hasProcess || !experiment.needsProcess) &&
    (dut.learns || !experiment.needsLearning)
  );
}

/** A device that fails is noted and starts anew for its next turn. */
async function takeTurn(
  experiment: Experiment,
  dut: Dut,
  pace: Pace,
  pool: InstancePool,
  results: Results,
): Promise<Readings> {
  try {
    return await experiment.run({ dut, pace, shared: () => pool.get(dut) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    results.failures.push({ experiment: experiment.id, dut: dut.name, message });
    await pool.close(dut);
    return {};
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
