/**
 * The addon: types for every name that it exports, and a loader that explains its failure. No other
 * file loads `tapswitch.node`; `addon/node/` is the other side of this file.
 */

import { existsSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { types } from 'node:util';
import { AddonError } from './addon-error';
import { differingConstant } from './constants';

/** Folder of the package or the clone. */
const ROOT = join(__dirname, '..', '..');
/** Command that makes an addon that fits. */
const CURE = /[\\/]node_modules[\\/]/.test(__dirname)
  ? 'npm rebuild tapswitch'
  : 'npm run clean && npm run build';

/** Error of a call that the kernel refused. */
export interface NativeError extends Error {
  /** Name of the errno: `EBUSY`, … */
  readonly code: string;
  readonly errno: number;
  /** Call that failed: `TUNSETIFF`, `open`, … */
  readonly syscall: string;
  /** Device or path that the call was about. */
  readonly subject: string;
  /**
   * Kind of the interface that has the name of a refused TAP or TUN device: `tun/tap`, `tun/tun`, another
   * driver, or `?` if the driver is unknown; absent if no interface has the name. For a path that is
   * refused as a network namespace: kind of the file there, such as `a FIFO`.
   */
  readonly detail?: string;
}

export interface NativeTapOptions {
  /** An interface name, or a pattern such as `tap%d`. */
  readonly name: string;
  /** Path of the namespace; by default, the process's namespace. */
  readonly netnsPath?: string;
  /** Whether to open a TUN device: IP packets without an Ethernet header. */
  readonly tun?: boolean;
  /** Whether four bytes, flags and protocol, stand in front of each packet. */
  readonly packetInfo?: boolean;
  /** Whether several descriptors may be attached to the device. */
  readonly multiQueue?: boolean;
  /**
   * Whether other descriptors are attached already. Settings that all descriptors share stay as they
   * are; a call that would change one is refused.
   */
  readonly joins?: boolean;
  /** Framing of an existing device. Attaching overwrites it; `close` restores it. */
  readonly found?: { readonly packetInfo: boolean; readonly vnetHeader: boolean };
  /** Whether to use a vnet header without offloads. */
  readonly vnetHeader?: boolean;
  /** Whether to use a vnet header and every offload that the kernel grants. */
  readonly offload: boolean;
  /** Whether to attach only: an interface that does not exist is not made (ENODEV). */
  readonly onlyExisting: boolean;
  /** Whether to make only: an interface that exists is not attached to (EEXIST). */
  readonly onlyNew?: boolean;
  readonly persist: boolean;
  /** Whether to set the interface up; true by default. False leaves IFF_UP as it is. */
  readonly up?: boolean;
  readonly mtu?: number;
  /** Maximum number of frames that wait for the reader: txqueuelen. */
  readonly queueFrames?: number;
  /** Six bytes, wire order. */
  readonly mac?: Uint8Array;
  /** User id of the owner. */
  readonly owner?: number;
  readonly group?: number;
  /** Maximum number of bytes on their way through the kernel, before a write fails with EAGAIN. */
  readonly sendBufferBytes?: number;
}

export interface NativeTapStatus {
  /** Whether the device, or its namespace, was deleted. */
  readonly gone: boolean;
  /** Whether IFF_UP is set and the carrier is on. */
  readonly up: boolean;
  /** MTU in bytes; 0 if it is unknown. */
  readonly mtu: number;
  /** Six bytes, wire order; absent if they are unknown. */
  readonly mac?: Uint8Array;
  /** Maximum number of frames that wait for the reader (txqueuelen); absent if it is unknown. */
  readonly queueFrames?: number;
  readonly name: string;
  /**
   * Reason why only the name and IFF_UP are known: the device's namespace is out of reach.
   */
  readonly obstacle?: NativeError;
}

/** A TAP or TUN device, made or attached to. Each call may throw a `NativeError`. */
export interface NativeTap {
  readonly fd: number;
  readonly name: string;
  /** Whether this call made the device. A device that existed before stays when it is closed. */
  readonly created: boolean;
  readonly hasVnetHeader: boolean;
  /** Offloads that are on: bits TUN_F_* (linux/if_tun.h). */
  readonly offloads: number;
  /** Whether the interface may have changed since `readState`. Needs a `LinkWatch`. */
  readonly hasNews: boolean;
  /** Whether the path of the namespace leads to another namespace now, or to none. */
  readonly isNetnsLost: boolean;
  /** Reads the interface's state. It does not throw if the kernel refuses: `obstacle` has the error. */
  readState(): NativeTapStatus;
  /**
   * Speed of an interface's link, Mb/s; 0 where it is unknown or there is no link.
   * @param name an interface in the namespace of the device
   */
  linkSpeed(name: string): number;
  /** Closes the namespace that the device was moved to, until the next `readState`. */
  releaseNetns(): void;
  setMtu(mtuBytes: number): void;
  /** Sets txqueuelen. */
  setQueue(frames: number): void;
  setMac(mac: Uint8Array): void;
  setUp(up: boolean): void;
  setPersist(persist: boolean): void;
  setOwner(userId: number): void;
  setGroup(groupId: number): void;
  /** Sets all offloads that the kernel grants, or none. It throws EOPNOTSUPP without a vnet header. */
  setOffload(offload: boolean): void;
  /** Closes the device. An existing one gets its settings back. A device that stays has no offloads. */
  close(): void;
}

/** An eventfd that wakes the data plane. */
export interface NativeDoorbell {
  readonly fd: number;
  ring(): void;
  /** Takes all rings so far. */
  clear(): void;
  /** Closes the descriptor. Further calls have no effect. */
  close(): void;
}

/** Memory of a `Burst`. */
export interface NativeBurstMemory {
  readonly arena: ArrayBuffer;
  readonly offset: Int32Array;
  readonly length: Int32Array;
  readonly ingress: Int32Array;
  readonly txFrame: Int32Array;
  readonly txPort: Int32Array;
  readonly txTag: Int32Array;
  readonly txStatus: Int32Array;
  /** [0]: CLOCK_MONOTONIC, milliseconds, at the return of `receive` or `exchange`. */
  readonly clock: Float64Array;
  readonly receiveFrames: number;
  readonly receiveBytes: number;
}

/** A descriptor in the form that the addon takes: numbers of `KINDS` and `FRAMINGS`. */
export interface NativeTransport {
  readonly fd: number;
  readonly kind: number;
  readonly framing: number;
  /** Size of the length in front of each frame of a stream, bytes: 2 or 4. */
  readonly lengthBytes: number;
  /** Rings of a port of that kind, whose descriptor is its doorbell. */
  readonly rings?: NativeRings;
}

/** A pair of rings, as `src/frame/ring.ts` has them, from the point of view of the port. */
export interface NativeRings {
  readonly incoming: Uint8Array;
  readonly outgoing: Uint8Array;
  /** Doorbell of the other side. */
  readonly peerBellFd: number;
}

/** Moves bursts. Only the thread that made it may use it. */
export interface NativeBurstIo {
  /**
   * Duplicates the descriptor. A stream or datagram socket must be connected.
   * @throws NativeError; EINVAL for an unknown kind or length
   */
  addPort(port: number, transport: NativeTransport): void;
  removePort(port: number): void;
  addDoorbell(fd: number): void;
  setBusyPoll(microseconds: number): void;
  /**
   * Keeps a time at `offset` of the memory: CLOCK_MONOTONIC, nanoseconds, u64. Every frame that a port had
   * queued before this time has been read, and the answer to it has been sent.
   * @param offset a multiple of 8, bytes
   */
  markDrained(memory: ArrayBuffer, offset: number): void;
  /**
   * TCP segments of one flow that an answer sends to a device leave as a super-frame from now on, if the device takes
   * offloads (addon/io/coalescer.h). Each pair keeps its own result.
   * @param takesOffloads port → 1 if it takes super-frames; read for each answer
   * @param counts counters of all ports, `stride` each; the one at `index` counts such segments
   */
  coalesce(takesOffloads: Uint8Array, counts: Float64Array, stride: number, index: number): void;
  /**
   * Reason why a device makes a call for each frame although io_uring is wanted. Empty while io_uring serves
   * every device. It never serves sockets: their own calls move many frames at once.
   */
  readonly whyNoIoUring: string;
  /** @param waitMs longest wait, milliseconds, also with a fraction; -1 waits without end. @returns number of frames */
  receive(waitMs: number): number;
  /** @returns number of failed pairs; `txStatus` has the reason of each */
  transmit(txCount: number): number;
  /**
   * `transmit`, then `receive`, in one call.
   * @param carriedCount frames that the burst holds already. They count in the result. If there are some,
   *   their ports are not read and the call does not wait.
   * @returns number of frames, or the negative number of failed pairs. In that case nothing was received,
   *   so that the frames of these pairs are still in the burst.
   */
  exchange(txCount: number, waitMs: number, carriedCount: number): number;
  close(): void;
}

/** Watches a duplicate of one descriptor. */
export interface NativeFdWatch {
  /**
   * Calls the function once, at one of the events (`EPOLLIN` 1, `EPOLLOUT` 4), an error or a hang-up.
   * Keeps the event loop alive until then.
   */
  arm(events: number): void;
  /** Lets the event loop end. A call of the function may still follow. */
  disarm(): void;
  close(): void;
}

/** Watches the interfaces in every namespace in which a `Tap` lives. */
export interface NativeLinkWatch {
  close(): void;
}

/**
 * A program for traffic control (BPF_PROG_TYPE_SCHED_CLS), loaded into the kernel. Throws a
 * `NativeError`: EPERM without CAP_BPF and CAP_NET_ADMIN; EACCES or EINVAL with the verifier's
 * complaint as `detail`.
 */
export interface NativeTrafficProgram {
  readonly fd: number;
  /**
   * Attaches the program to the interface of this index (tcx). It runs for each frame that the interface
   * receives, until it is closed or the process ends. Throws EINVAL on kernels before 6.6.
   */
  attach(index: number, netnsPath?: string): void;
  /** Ends what `attach` began. The program stays loaded. */
  detach(): void;
  close(): void;
}

/** Makes an interface receive frames for every MAC address, until this is closed or the process ends. */
export interface NativePromiscuousMode {
  close(): void;
}

/**
 * Memory that a program of the kernel shares with the process: an eBPF map of one element. It exists as
 * long as somebody has mapped it.
 */
export interface NativeProgramMemory {
  readonly fd: number;
  close(): void;
}

/** A path of the file system, or an IP address with a port. */
export type NativeSocketAddress = string | { readonly host: string; readonly port: number };

/** The process at the other end of a Unix stream socket, as it was when it connected. */
export interface NativePeer {
  readonly pid: number;
  readonly uid: number;
  /** Its group, and its supplementary groups. */
  readonly groups: readonly number[];
}

/** A stream or datagram socket that never waits. Each call may throw a `NativeError`. */
export interface NativeSocket {
  readonly fd: number;
  /**
   * Binds the socket to an address. EADDRINUSE if a file has the path.
   * @param mode mode of the file of a Unix socket
   */
  bind(address: NativeSocketAddress, mode: number): void;
  listen(): void;
  /** @returns false if the connection is under way: at its end, or if it fails, the socket is writable */
  connect(address: NativeSocketAddress): boolean;
  /** Disconnects a datagram socket from its peer. */
  disconnect(): void;
  /** @returns the next connection; `undefined` if none waits */
  accept(): NativeSocket | undefined;
  /** @returns the error of the socket since the last call */
  takeError(): NativeError | undefined;
  /** Whether the peer of a stream has hung up. */
  readonly hasHungUp: boolean;
  /** Process at the other end of a Unix stream socket. */
  peer(): NativePeer;
  /** Address of the peer: a path, or HOST:PORT; empty if a Unix socket has no path. */
  readonly peerAddress: string;
  readonly ownAddress: string;
  /**
   * Reads the next datagram, at most `mostBytes` of it, and the address of its sender, in the form of
   * `peerAddress`.
   * @param isKept whether the datagram stays the next one
   */
  receive(
    mostBytes: number,
    isKept: boolean,
  ): { readonly bytes: Buffer; readonly from: string } | undefined;
  close(): void;
}

export interface NativeUser {
  readonly name: string;
  readonly uid: number;
  /** Id of the login group. */
  readonly gid: number;
}

export interface NativeGroup {
  readonly name: string;
  readonly gid: number;
}

export interface Native {
  /** Values of the constants that `constants.ts` has, too. */
  readonly constants: Readonly<Record<string, number>>;
  readonly Tap: new (options: NativeTapOptions) => NativeTap;
  /**
   * Calls `onChange` when an interface may have changed; `Tap.hasNews` says which. Does not keep the
   * event loop alive.
   */
  readonly LinkWatch: new (onChange: () => void) => NativeLinkWatch;
  /**
   * Starts the threads that the calls below need, while the system has threads left. Without this
   * call they start at their first use.
   */
  startThreads(): void;
  /**
   * Closes several devices on threads of its own, because the kernel takes about 20 ms to remove a
   * device. Resolves when all are gone; they count as closed at once.
   */
  closeTaps(taps: readonly NativeTap[]): Promise<void>;
  readonly Doorbell: new () => NativeDoorbell;
  /**
   * @param signals filled by `receive`: see `Signal`
   * @param wantsRing whether to move bursts through io_uring if the kernel has it
   */
  readonly BurstIo: new (
    memory: NativeBurstMemory,
    signals: Int32Array,
    wantsRing: boolean,
  ) => NativeBurstIo;
  readonly FdWatch: new (fd: number, onReady: () => void) => NativeFdWatch;
  /**
   * @param instructions `struct bpf_insn`, one after the other
   * @param name for `bpftool prog`: at most 15 letters, digits and underscores
   */
  readonly TrafficProgram: new (instructions: Uint8Array, name: string) => NativeTrafficProgram;
  /**
   * Zeroed memory. Throws a `NativeError`: EPERM without CAP_BPF, EINVAL before Linux 5.5.
   * @param name for `bpftool map`: at most 15 letters, digits and underscores
   */
  readonly ProgramMemory: new (bytes: number, name: string) => NativeProgramMemory;
  /** Maps the memory for the calling thread. Throws a `NativeError`. */
  mapProgramMemory(fd: number, bytes: number): ArrayBuffer;
  readonly PromiscuousMode: new (index: number, netnsPath?: string) => NativePromiscuousMode;
  /**
   * Gets what promiscuous mode in the namespace of the process takes, so that it can begin later without
   * CAP_NET_RAW. Throws a `NativeError`.
   */
  preparePromiscuousMode(): void;
  /** @param like an address of the family of the new socket */
  readonly Socket: new (type: 'stream' | 'datagram', like: NativeSocketAddress) => NativeSocket;
  /**
   * Sends one request to the routing netlink.
   * @param netnsPath path of the namespace; by default, the process's namespace
   * @returns the messages of the answer, the last of them `NLMSG_ERROR` or `NLMSG_DONE`
   */
  askRouteNetlink(request: Uint8Array, netnsPath?: string): Buffer;
  /**
   * Network namespace of the TUN/TAP device that another process holds by this descriptor, as
   * `DEVICE:INODE` of its file; `undefined` if it is unknown.
   */
  netnsOfHeldDevice(pid: number, fd: number): string | undefined;
  /**
   * Makes the process run as a plain user. The calling thread, and the addon's threads that work for
   * it, keep these capabilities (linux/capability.h); all other threads keep none. No thread can gain
   * any afterwards.
   */
  becomeUser(uid: number, capabilities: readonly number[]): void;
  /**
   * Makes the kernel refuse the system calls that a switch never makes, on every thread, until the process
   * ends: addon/system/system_call_filter.cc.
   */
  refuseSystemCalls(): void;
  /**
   * Runs a function that another thread may interrupt. An interruption unwinds it, and no `finally` runs.
   * @param key number under which `interrupt` finds the call
   * @returns whether it has returned; false: it was interrupted
   */
  runInterruptible(key: number, run: () => void): boolean;
  /** Interrupts what runs under this number, in any thread. @returns whether something does */
  interrupt(key: number): boolean;
  /** Ends the process at once, where `process.exit` would wait for a thread that never ends. */
  endProcess(status: number): never;
  /**
   * Has a hook interrupted that fills the heap of the calling thread. Without it, the thread would end.
   * @param mark words of `HookMark`, in shared memory
   */
  limitHeap(mark: Int32Array): void;
  /** Finds the user of this name or number in every source of the system; `undefined` if there is none. */
  findUser(user: string | number): NativeUser | undefined;
  findGroup(group: string | number): NativeGroup | undefined;
  /** Sends a message to the service manager: sd_notify(3). */
  notifyService(socketPath: string, message: string): void;
}

/** Whether an error is native. It checks fields, because in a Jest test the addon's `Error` is another class. */
export function isNativeError(error: unknown): error is NativeError {
  return types.isNativeError(error) && 'syscall' in error && 'errno' in error && 'code' in error;
}

let loaded: Native | undefined;

/**
 * Loads the addon at the first call.
 * @throws Error with a sentence that says what to do.
 */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  if (process.platform !== 'linux') {
    throw new AddonError(
      'ERR_UNSUPPORTED_PLATFORM',
      `TAP devices need Linux; this is ${process.platform}`,
    );
  }
  if (endianness() !== 'LE') {
    throw new AddonError(
      'ERR_UNSUPPORTED_PLATFORM',
      'this processor is big endian, which the frame path does not support',
    );
  }
  const path = addonPath();
  if (path === undefined) {
    const platform = `${process.platform}-${process.arch}`;
    throw new AddonError(
      'ERR_ADDON_MISSING',
      `there is no native addon for ${platform}; install a C++ compiler, then run: ${CURE}`,
    );
  }
  const addon = loadFrom(path);
  const differing = differingConstant(addon.constants);
  if (differing !== undefined) {
    throw new AddonError(
      'ERR_ADDON_UNUSABLE',
      `the native addon was built from other sources (${differing} differs, ${path}); run: ${CURE}`,
    );
  }
  return addon;
}

function loadFrom(path: string): Native {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
    return require(path) as Native;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new AddonError(
      'ERR_ADDON_UNUSABLE',
      `the native addon cannot be loaded (${reason}); install a C++ compiler, then run: ${CURE}`,
      { cause: error },
    );
  }
}

/**
 * Path of the addon: `TAPSWITCH_ADDON` (the tests run one with sanitizers), one that was compiled here, or the one of
 * the package; undefined if there is none.
 */
function addonPath(): string | undefined {
  const compiled = join(ROOT, 'build', 'Release', 'tapswitch.node');
  const packaged = join(ROOT, 'prebuilds', `linux-${process.arch}`, 'tapswitch.node');
  const given = process.env['TAPSWITCH_ADDON'];
  return given ?? [compiled, packaged].find((path) => existsSync(path));
}
