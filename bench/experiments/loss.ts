/**
 * The highest rate without loss and with half a percent of it (RFC 2544 section 26.1).
 */

import { deliveredRate, oneWay } from '../instance';
import { searchRate } from '../rate-search';
import { PAIR, type Experiment } from './experiment';

const HALF_PERCENT = 0.005;

export const lossFree: Experiment = {
  id: 'loss-free',
  quickRun: 'none',
  shape: PAIR,
  // A search is a dozen trials.
  skipsVariants: true,
  async run({ pace, shared }) {
    const instance = await shared();
    const trial = async (rate: number, milliseconds: number) => {
      const { sentFrames, receivedFrames, elapsedS } = await oneWay(instance, {
        rate,
        milliseconds,
      });
      const [sent, received] = [sentFrames[0]!, receivedFrames[0]!];
      return { offeredRate: sent / elapsedS, lossRatio: Math.max(0, 1 - received / sent) };
    };
    const fullRate = await deliveredRate(instance, { milliseconds: pace.frameTrialMs });
    const half = await searchRate({ highestRate: fullRate, lossGoal: HALF_PERCENT, trial });
    const none = await searchRate({ highestRate: half, lossGoal: 0, trial });
    return { 'loss-free.0.5': half, 'loss-free.0': none };
  },
};
