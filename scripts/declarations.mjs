// `npm run declarations`: joins the library's declarations in dist/ for the package. `dist/index.d.ts` and
// `dist/testing/index.d.ts` keep what the library exports, and `dist/declarations.d.ts` has what both share. Without
// this step the package would have 190 files of declarations, and take the 840 files of zod for the types of the
// API's answers. Those types are written out here.

import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';

const DIST = join(import.meta.dirname, '../dist');
const ENTRIES = {
  index: join(DIST, 'index.d.ts'),
  'testing/index': join(DIST, 'testing/index.d.ts'),
};

const program = ts.createProgram(Object.values(ENTRIES), {
  exactOptionalPropertyTypes: true,
  module: ts.ModuleKind.Node20,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
});
const checker = program.getTypeChecker();

/** Replaces `z.infer<typeof shape>` by the type itself, so that no declaration needs zod. */
const withoutZod = {
  name: 'without-zod',
  transform(code, path) {
    const source = program.getSourceFile(path);
    const inferred = source.statements.filter(
      (node) =>
        ts.isTypeAliasDeclaration(node) && /\bz\.(infer|output)</.test(node.type.getText(source)),
    );
    // From the end: earlier positions stay right.
    for (const { name, type } of inferred.reverse()) {
      const { NoTruncation, InTypeAlias, MultilineObjectLiterals } = ts.TypeFormatFlags;
      const flags = NoTruncation | InTypeAlias | MultilineObjectLiterals;
      const text = checker.typeToString(checker.getTypeAtLocation(name), undefined, flags);
      code = code.slice(0, type.getStart(source)) + text + code.slice(type.end);
    }
    return code;
  },
};

const bundle = await rollup({ input: ENTRIES, external: /^node:/, plugins: [withoutZod, dts()] });
const { output } = await bundle.write({
  dir: DIST,
  entryFileNames: '[name].d.ts',
  chunkFileNames: 'declarations.d.ts',
  manualChunks: (path) => (Object.values(ENTRIES).includes(path) ? undefined : 'declarations'),
  minifyInternalExports: false,
});
for (const { fileName, imports } of output) {
  const foreign = imports.filter((path) => !/^node:|^declarations/.test(path));
  if (foreign.length > 0) throw new Error(`${fileName} takes types from ${foreign.join(', ')}`);
}
