/** Reads the tables that the switch prints on SIGUSR1: aligned, columns two spaces apart. */

export type Row = Readonly<Record<string, string>>;

export interface Tables {
  readonly ports: readonly Row[];
  readonly stations: readonly Row[];
  readonly neighbours: readonly Row[];
  readonly addresses: readonly Row[];
}

const COLUMN_GAP = /\s{2,}/;

/** @returns the tables; undefined while `text` lacks one of the four. Log lines may be around them. */
export function parseTables(text: string): Tables | undefined {
  const ports = tableIn(text, 'PORT');
  const stations = tableIn(text, 'MAC');
  const neighbours = tableIn(text, 'NEIGHBOUR');
  const addresses = tableIn(text, 'ADDRESS');
  if (!ports || !stations || !neighbours || !addresses) return undefined;
  return { ports, stations, neighbours, addresses };
}

/** The table whose first column is `column`: up to the empty line that ends it. */
function tableIn(text: string, column: string): Row[] | undefined {
  const table = new RegExp(`^ +${column} .*\n(?:.+\n)*(?=\n)`, 'm').exec(text)?.[0];
  if (table === undefined) return undefined;
  const [names = [], ...rows] = table.trim().split('\n').map(cellsOf);
  return rows.map((cells) =>
    Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])),
  );
}

function cellsOf(line: string): string[] {
  return line.trim().split(COLUMN_GAP);
}
