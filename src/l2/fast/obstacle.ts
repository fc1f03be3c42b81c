/** Reasons why the bridge keeps the fast path of a port shut. */

export const FastObstacle = {
  None: 0,
  Down: 1,
  Discarding: 2,
  NotLearning: 3,
  Watched: 4,
  NoUntaggedVlan: 5,
  Mirrored: 6,
  Impaired: 7,
  Hooked: 8,
} as const;
export type FastObstacle = (typeof FastObstacle)[keyof typeof FastObstacle];

/** Texts of the reasons, to follow the label of a port. */
export const FAST_OBSTACLES: readonly string[] = [
  '',
  'the port is down',
  'the port does not forward',
  'the port does not learn',
  'a capture sees every frame',
  'the port has no untagged VLAN',
  'a mirror copies its frames',
  'an impairment takes its frames',
  'a hook may want its frames',
];
