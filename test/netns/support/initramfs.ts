/**
 * An initial RAM file system for the kernel of a guest: an archive of cpio's format "newc".
 *
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
 */

interface InitramfsFile {
  /** Path without a slash in front. Its folder must come before it. */
  readonly path: string;
  /** Absent for a folder. */
  readonly bytes?: Uint8Array;
}

const FOLDER_MODE = 0o040755;
const PROGRAM_MODE = 0o100755;
const MAGIC = '070701';
const END = 'TRAILER!!!';

export function initramfs(files: readonly InitramfsFile[]): Buffer {
  return Buffer.concat([...files, { path: END, bytes: new Uint8Array() }].map(entry));
}

/** Thirteen numbers of eight hexadecimal digits, the path with its zero, the content; padded to four. */
function entry({ path, bytes }: InitramfsFile): Buffer {
  const name = Buffer.from(`${path}\0`);
  const content = bytes ?? new Uint8Array();
  const mode = bytes === undefined ? FOLDER_MODE : PROGRAM_MODE;
  const numbers = [0, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const digits = numbers.map((number) => number.toString(16).padStart(8, '0')).join('');
  const head = Buffer.concat([Buffer.from(MAGIC + digits), name]);
  return Buffer.concat([padded(head), padded(content)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes], (bytes.length + 3) & ~3);
}
