/**
 * What JavaScript itself brings, and hooks share with the switch in their thread: `Array.prototype.push`, `Math.min`. A
 * hook that replaces one of them changes the switch, too. So they are remembered before the first hook is loaded, and put back
 * behind the load of a module. Additions stay: no code of the switch uses them.
 *
 * The code below uses none of them but those that it has taken at its own load.
 */

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, is } = Object;
const { ownKeys } = Reflect;

/** `Error` itself is missing: programs set `Error.stackTraceLimit`. */
const GLOBALS = [
  ...['Array', 'ArrayBuffer', 'Atomics', 'BigInt', 'Boolean', 'DataView', 'Date', 'Float64Array'],
  ...['Function', 'Int32Array', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'RangeError'],
  ...['Reflect', 'RegExp', 'Set', 'SharedArrayBuffer', 'String', 'Symbol', 'TypeError'],
  ...['Uint16Array', 'Uint32Array', 'Uint8Array', 'WeakMap', 'WeakSet'],
];

interface Remembered {
  readonly holder: object;
  readonly key: PropertyKey;
  readonly property: PropertyDescriptor;
  /** Its name, for messages. */
  readonly label: string;
}

const remembered: Remembered[] = [];

/** Remembers them. Call this once, before the first hook is loaded. */
export function rememberIntrinsics(): void {
  for (const name of GLOBALS) {
    remember(globalThis, name, name);
    const value = (globalThis as Readonly<Record<string, unknown>>)[name] as object;
    rememberAll(value, name);
    const { prototype } = value as { readonly prototype?: object };
    if (prototype !== undefined) rememberAll(prototype, `${name}.prototype`);
  }
  rememberAll(Error.prototype, 'Error.prototype');
  const typedArray = getPrototypeOf(Uint8Array) as { readonly prototype: object };
  rememberAll(typedArray, 'TypedArray');
  rememberAll(typedArray.prototype, 'TypedArray.prototype');
  for (const iterable of [[], new Map(), new Set()]) {
    rememberAll(getPrototypeOf(iterable[Symbol.iterator]()) as object, 'an iterator');
  }
}

/**
 * Puts back what has been changed.
 * @returns the name of something that had been; `undefined` if nothing had
 */
export function restoreIntrinsics(): string | undefined {
  let changed: string | undefined;
  // No `for … of`: it would use an iterator.
  for (let index = 0; index < remembered.length; index++) {
    const { holder, key, property, label } = remembered[index] as Remembered;
    if (isSame(getOwnPropertyDescriptor(holder, key), property)) continue;
    changed ??= label;
    defineProperty(holder, key, property);
  }
  return changed;
}

/** Puts back what has been changed. @throws Error if something had been */
export function refuseChangedIntrinsics(): void {
  const changed = restoreIntrinsics();
  if (changed !== undefined) throw new Error(`it changes ${changed}, which the switch uses, too`);
}

function rememberAll(holder: object, label: string): void {
  for (const key of ownKeys(holder)) remember(holder, key, `${label}.${String(key)}`);
}

/** What nobody can change is not remembered. */
function remember(holder: object, key: PropertyKey, label: string): void {
  const property = getOwnPropertyDescriptor(holder, key);
  if (property?.configurable !== true) return;
  remembered.push({ holder, key, property, label });
}

function isSame(one: PropertyDescriptor | undefined, other: PropertyDescriptor): boolean {
  return (
    one !== undefined &&
    is(one.value, other.value) &&
    one.get === other.get &&
    one.set === other.set
  );
}
