/**
 * Signals that come while a program still starts: they are kept for whoever will know what to do. A
 * signal that nobody listens for ends the process at once, and what it had opened stays as it is.
 */

type Listener = () => void;

interface Kept {
  hasCome: boolean;
  listener: Listener | undefined;
}

const kept = new Map<NodeJS.Signals, Kept>();

/** Keeps the signal from here on. To be called before the program opens anything. */
export function keepSignal(signal: NodeJS.Signals): void {
  const state: Kept = { hasCome: false, listener: undefined };
  kept.set(signal, state);
  process.on(signal, () => {
    if (state.listener === undefined) state.hasCome = true;
    else state.listener();
  });
}

/** Says what the signal does. One that was kept is answered now. */
export function onSignal(signal: NodeJS.Signals, listener: Listener): void {
  if (!kept.has(signal)) keepSignal(signal);
  const state = kept.get(signal) as Kept;
  state.listener = listener;
  if (!state.hasCome) return;
  state.hasCome = false;
  listener();
}
