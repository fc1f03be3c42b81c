/**
 * Signals that come while a program starts. They are kept until the program has a listener for them. Without
 * a listener, such a signal would end the process at once, without cleaning up.
 */

type Listener = () => void;

interface Kept {
  hasCome: boolean;
  listener: Listener | undefined;
}

const kept = new Map<NodeJS.Signals, Kept>();

/** Keeps the signal from now on. Call this before the program opens anything. */
export function keepSignal(signal: NodeJS.Signals): void {
  const state: Kept = { hasCome: false, listener: undefined };
  kept.set(signal, state);
  process.on(signal, () => {
    if (state.listener === undefined) state.hasCome = true;
    else state.listener();
  });
}

/** Sets the listener of the signal. A kept signal is delivered now. */
export function onSignal(signal: NodeJS.Signals, listener: Listener): void {
  if (!kept.has(signal)) keepSignal(signal);
  const state = kept.get(signal) as Kept;
  state.listener = listener;
  if (!state.hasCome) return;
  state.hasCome = false;
  listener();
}
