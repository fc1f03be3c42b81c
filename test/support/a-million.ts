/** Sets the counts of the tests that are imported after it. */

const MILLION = '1000000';
process.env['BPDU_FUZZ_COUNT'] = MILLION;
process.env['GROUP_FUZZ_ROUNDS'] = MILLION;
process.env['IMPAIRED_FRAMES'] = MILLION;
process.env['TRAFFIC_FRAMES'] = '10000000';
