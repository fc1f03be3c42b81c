/**
 * The watch over the calls of hooks, which the driver of the bridge provides. Without one, as in a test with
 * the manual clock, a call takes no time and nothing ends it.
 */

export interface HookWatch {
  /** Time with fractions, milliseconds, for the durations of calls. */
  nowMs(): number;
  /** Marks that a call of the hook with this number begins. @param hook above 0 */
  enter(hook: number): void;
  /** Marks that the call has ended. It does not return if the call is about to be ended from outside. */
  leave(hook: number): void;
  /** Is called behind the setup of a hook. @throws Error if the hook has changed what the switch uses */
  check(): void;
}

export const UNWATCHED: HookWatch = {
  nowMs: () => 0,
  enter: () => undefined,
  leave: () => undefined,
  check: () => undefined,
};
