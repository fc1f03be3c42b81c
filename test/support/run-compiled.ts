/**
 * Runs a TypeScript program in a process of its own, compiled as `npm run build` would compile it.
 * jest's own transform reads every import through a getter, which makes hot code thirty times
 * slower; and the heap of a jest process is not the test's alone.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const ROOT = join(__dirname, '..', '..');

export class CompiledPrograms {
  private readonly folder = mkdtempSync(join(tmpdir(), 'tapswitch-compiled-'));

  /** Compiles all of `src` that needs no addon, and the programs (paths under the project's root). */
  constructor(...programs: string[]) {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join('src', path));
    for (const path of [...sources, ...programs]) this.compile(path);
  }

  /** @returns what the program printed, read as JSON */
  run(program: string, ...args: string[]): unknown {
    const path = join(this.folder, program.replace(/\.ts$/, '.js'));
    return JSON.parse(execFileSync(process.execPath, [path, ...args], { encoding: 'utf8' }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private compile(path: string): void {
    const { outputText } = transpileModule(readFileSync(join(ROOT, path), 'utf8'), {
      fileName: relative(ROOT, path),
      compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.CommonJS },
    });
    const output = join(this.folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, outputText);
  }
}
