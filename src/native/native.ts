/**
 * The addon: every name that it exports, typed, and a loader that explains its failure. Nothing
 * else in the project knows `tapswitch.node`; `addon/node/` is the other side of this file.
 */

import { existsSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { types } from 'node:util';

/** What a call that the kernel refused throws. */
export interface NativeError extends Error {
  /** `EBUSY`, … */
  readonly code: string;
  readonly errno: number;
  /** `TUNSETIFF`, `open`, … */
  readonly syscall: string;
  /** What it was refused for: a device, a path. */
  readonly subject: string;
  /**
   * When a TAP or TUN device is refused: what bears its name. `tun/tap`, `tun/tun`, another
   * driver, `?` where there is an interface whose driver does not say; absent where there is none.
   * When a path is refused as a network namespace: what lies there instead, such as `a FIFO`.
   */
  readonly detail?: string;
}

export interface NativeTapOptions {
  /** An interface name, or a pattern such as `tap%d`. */
  readonly name: string;
  /** Of the namespace; that of the process unless given. */
  readonly netnsPath?: string;
  /** A TUN device: IP packets, without an Ethernet header. */
  readonly tun?: boolean;
  /** Four bytes, flags and protocol, in front of each packet. */
  readonly packetInfo?: boolean;
  /** Several descriptors may be attached to the device. */
  readonly multiQueue?: boolean;
  /** Others are attached already: what all descriptors share stays as it is, or it is refused. */
  readonly joins?: boolean;
  /** How an existing device frames packets, which attaching to it overwrites until it is closed. */
  readonly found?: { readonly packetInfo: boolean; readonly vnetHeader: boolean };
  /** Vnet header without offloads. */
  readonly vnetHeader?: boolean;
  /** Vnet header and every offload that the kernel grants. */
  readonly offload: boolean;
  /** Attach only: an interface that does not exist is not made (ENODEV). */
  readonly onlyExisting: boolean;
  /** Make only: an interface that exists is not attached to (EEXIST). */
  readonly onlyNew?: boolean;
  readonly persist: boolean;
  /** False leaves it as it is; true unless given. */
  readonly up?: boolean;
  readonly mtu?: number;
  /** Frames that wait for the reader at most: txqueuelen. */
  readonly queueFrames?: number;
  /** Six bytes, wire order. */
  readonly mac?: Uint8Array;
  /** User and group id. */
  readonly owner?: number;
  readonly group?: number;
  /** What may be on its way through the kernel before a write says EAGAIN. */
  readonly sendBufferBytes?: number;
}

export interface NativeTapStatus {
  /** It was deleted, or its namespace was. */
  readonly gone: boolean;
  /** IFF_UP, and the carrier is there. */
  readonly up: boolean;
  /** 0 where it cannot be known. */
  readonly mtu: number;
  /** Six bytes, wire order; absent where it cannot be known. */
  readonly mac?: Uint8Array;
  /** Frames that wait for the reader at most (txqueuelen); absent where it cannot be known. */
  readonly queueFrames?: number;
  readonly name: string;
  /**
   * Why nothing but the name and IFF_UP could be asked for: the namespace of the device is out of
   * reach.
   */
  readonly obstacle?: NativeError;
}

/** A TAP or TUN device, made or attached to. Each call may throw a `NativeError`. */
export interface NativeTap {
  readonly fd: number;
  readonly name: string;
  /** False: it existed before, and stays. */
  readonly created: boolean;
  readonly hasVnetHeader: boolean;
  /** TUN_F_* (linux/if_tun.h). */
  readonly offloads: number;
  /** Whether the interface may have changed since `inspect`. Known while there is a `LinkWatch`. */
  readonly hasNews: boolean;
  /** Whether the path by which the namespace was given no longer leads to it. */
  readonly isNetnsLost: boolean;
  /** Throws for nothing that the kernel refuses: that is a part of the status. */
  inspect(): NativeTapStatus;
  /** Keeps the namespace that the device was moved to alive no longer, until the next `inspect`. */
  releaseNetns(): void;
  setMtu(mtuBytes: number): void;
  /** Sets txqueuelen. */
  setQueue(frames: number): void;
  setMac(mac: Uint8Array): void;
  setUp(up: boolean): void;
  setPersist(persist: boolean): void;
  setOwner(userId: number): void;
  setGroup(groupId: number): void;
  /** Asks for offloads, or for none, on the spot. EOPNOTSUPP where there is no vnet header. */
  setOffload(offload: boolean): void;
  /** A device that was found gets back what was changed of it, and any that stays has no offloads. */
  close(): void;
}

/** An eventfd that wakes the data plane. */
export interface NativeDoorbell {
  readonly fd: number;
  ring(): void;
}

/** The memory of a `Burst`. */
export interface NativeBurstMemory {
  readonly arena: ArrayBuffer;
  readonly offset: Int32Array;
  readonly length: Int32Array;
  readonly ingress: Int32Array;
  readonly txFrame: Int32Array;
  readonly txPort: Int32Array;
  readonly txStatus: Int32Array;
  /** [0]: CLOCK_MONOTONIC in milliseconds when `receive` returned. */
  readonly clock: Float64Array;
  readonly receiveFrames: number;
  readonly receiveBytes: number;
}

/** Moves bursts. Belongs to the thread that made it. */
export interface NativeBurstIo {
  addPort(port: number, fd: number, hasVnetHeader: boolean): void;
  removePort(port: number): void;
  addDoorbell(fd: number): void;
  setBusyPoll(microseconds: number): void;
  /** Empty while bursts go through io_uring or were not to; otherwise why they do not. */
  readonly whyNoRing: string;
  /** @param waitMs -1 waits without end. @returns the number of frames */
  receive(waitMs: number): number;
  /** @returns how many pairs failed; `txStatus` says which, and why */
  transmit(txCount: number): number;
  /**
   * `transmit`, then `receive`, for the price of one call.
   * @param carriedCount frames that the burst has already: they count among those of the result,
   *   their ports are not read, and nothing is waited for
   * @returns the number of frames. Negative: so many pairs failed, and nothing was received, so
   * that their frames still lie in the burst.
   */
  exchange(txCount: number, waitMs: number, carriedCount: number): number;
  close(): void;
}

/** Watches one descriptor, of which it has a duplicate of its own. */
export interface NativeFdWatch {
  /**
   * Has the function called once, when one of the events (`EPOLLIN` 1, `EPOLLOUT` 4), an error or a
   * hang-up is there. Keeps the event loop alive from here on.
   */
  arm(events: number): void;
  /** Lets go of the event loop. The function may be called all the same. */
  disarm(): void;
  close(): void;
}

/** Hears of changes of interfaces in every namespace in which a `Tap` lives. */
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
   * Runs it for each frame that the interface of this index receives, until it is closed or the
   * process ends (tcx). Throws EINVAL on kernels before 6.6.
   */
  attach(index: number, netnsPath?: string): void;
  close(): void;
}

/** An interface receives frames for every MAC address, until this is closed or the process ends. */
export interface NativePromiscuousMode {
  close(): void;
}

export interface NativeUser {
  readonly name: string;
  readonly uid: number;
  /** Of its login group. */
  readonly gid: number;
}

export interface NativeGroup {
  readonly name: string;
  readonly gid: number;
}

export interface Native {
  readonly Tap: new (options: NativeTapOptions) => NativeTap;
  /**
   * Calls `onChange` when an interface may have changed: `Tap.hasNews` says of which. Keeps no event
   * loop alive.
   */
  readonly LinkWatch: new (onChange: () => void) => NativeLinkWatch;
  /**
   * Starts the threads that the calls below need, as long as the system has some left. They are
   * started with their first use otherwise.
   */
  startThreads(): void;
  /**
   * Closes several, on threads made for it: where a device goes away, the kernel takes some 20 ms
   * for that. Resolves when all have gone; they count as closed at once.
   */
  closeTaps(taps: readonly NativeTap[]): Promise<void>;
  readonly Doorbell: new () => NativeDoorbell;
  /**
   * @param signals [0]: the doorbell rang; [1]: number of ports found gone; [2…]: their ids
   * @param wantsRing whether to move bursts through io_uring where that can be had
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
  readonly PromiscuousMode: new (index: number, netnsPath?: string) => NativePromiscuousMode;
  /**
   * Sends one request to the routing netlink.
   * @param netnsPath of the namespace; that of the process unless given
   * @returns the messages of the answer, the last of them `NLMSG_ERROR` or `NLMSG_DONE`
   */
  askRouteNetlink(request: Uint8Array, netnsPath?: string): Buffer;
  /**
   * The namespace, as `DEVICE:INODE` of its file, of the TUN/TAP device that another process holds
   * by this descriptor; `undefined` where it cannot be known.
   */
  netnsOfHeldDevice(pid: number, fd: number): string | undefined;
  /**
   * Makes the process run as a plain user. The calling thread, and the addon's own threads that work
   * for it, keep these capabilities (linux/capability.h), all others none. No thread can gain others.
   */
  becomeUser(uid: number, capabilities: readonly number[]): void;
  /**
   * Has the kernel refuse, on every thread and for good, the system calls that a switch never makes:
   * addon/system/system_call_filter.cc.
   */
  refuseSystemCalls(): void;
  /** By name or number, wherever the system keeps its users; `undefined` where there is none. */
  findUser(user: string | number): NativeUser | undefined;
  findGroup(group: string | number): NativeGroup | undefined;
  /** Sends a message to the service manager: sd_notify(3). */
  notifyService(socketPath: string, message: string): void;
}

/** By its looks: in a Jest test, the addon's `Error` is not that of the test. */
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
    throw new Error(`TAP devices need Linux; this is ${process.platform}`);
  }
  if (endianness() !== 'LE') {
    throw new Error('this processor is big endian, which the frame path does not support');
  }
  const path = addonPath();
  if (!existsSync(path)) {
    throw new Error(`the native addon is not built (${path}); run: npm run build`);
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
    return require(path) as Native;
  } catch (error) {
    throw new Error(
      `the native addon cannot be loaded (${path}); run: npm run clean && npm run build`,
      { cause: error },
    );
  }
}

/** `TAPSWITCH_ADDON` names another build: the tests run one with sanitizers. */
function addonPath(): string {
  return (
    process.env['TAPSWITCH_ADDON'] ??
    join(__dirname, '..', '..', 'build', 'Release', 'tapswitch.node')
  );
}
