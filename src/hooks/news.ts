/** News of the hooks for the journal. */

export type HookNews =
  /** The first failure of a hook since it was loaded. Further failures are only counted. */
  | { readonly event: 'hook-failed'; readonly hook: string; readonly why: string }
  /** A hook was switched off. */
  | { readonly event: 'hook-off'; readonly hook: string; readonly why: string }
  /** A line that a hook logs. `untold` lines before it were left out. */
  | {
      readonly event: 'hook-log';
      readonly hook: string;
      readonly text: string;
      readonly untold: number;
    };
