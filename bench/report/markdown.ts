/**
 * Results as Markdown, for the part of docs/performance.md between two marks.
 */

import { METRICS } from '../metrics';
import { summaryOf, type Results } from '../results';
import { judge } from '../targets';
import { formatNumber, formatSummary, metricTitle, verdictWord } from './numbers';
import { drawPlots } from './plots';
import { gaps } from './text';

const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** `page` with the results between its marks. Throws if the marks are not there. */
export function replaceResults(page: string, results: Results): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page has no lines '${BEGIN}' and '${END}'`);
  const before = page.slice(0, begin + BEGIN.length);
  return `${before}\n${resultsMarkdown(results)}\n${page.slice(end)}`;
}

export function resultsMarkdown(results: Results): string {
  const parts = [
    // Prettier would pad the tables to the width of their widest cell.
    '<!-- prettier-ignore-start -->',
    machineLines(results),
    '### Where we must stand',
    targetTable(results),
    '### All figures',
    'Median, and the least and the greatest reading below it.',
    metricTable(results),
    ...drawPlots(results).map(({ file, title }) => `![${title}](performance/${file})`),
  ];
  const missing = gaps(results);
  if (missing.length > 0) {
    parts.push('### Not measured', missing.map((gap) => `- ${gap}`).join('\n'));
  }
  return [...parts, '<!-- prettier-ignore-end -->'].join('\n\n');
}

function machineLines({ machine, run }: Results): string {
  const memoryGiB = Math.round(machine.memoryBytes / 2 ** 30);
  const kind = run.isQuick ? 'quick' : 'full';
  return [
    `- Machine: ${machine.cpuCount} × ${machine.cpu}, ${memoryGiB} GiB`,
    `- Linux ${machine.kernel}, Node ${machine.node}, commit ${machine.commit}`,
    `- ${run.startedAt.slice(0, 10)}, ${kind} run, ${run.repeats} repeats, ${Math.round(run.elapsedS / 60)} minutes`,
  ].join('\n');
}

function targetTable(results: Results): string {
  const rows = judge(results).map((verdict) => {
    const { target, figure } = verdict;
    const sign = target.bound === 'least' ? '≥' : '≤';
    const withUnit = (text: string): string => `${text} ${target.unit}`.trim();
    return [
      target.title,
      figure === undefined ? '–' : withUnit(formatNumber(figure)),
      target.must === undefined ? '–' : withUnit(`${sign} ${target.must}`),
      withUnit(`${sign} ${target.want}`),
      verdictWord(verdict),
    ];
  });
  return table(['', 'measured', 'must', 'want', 'reached'], rows);
}

function metricTable(results: Results): string {
  const duts = results.duts.filter(({ name }) =>
    Object.values(results.readings).some((ofMetric) => ofMetric[name] !== undefined),
  );
  const rows = [...METRICS]
    .filter(([id]) => results.readings[id] !== undefined)
    .map(([id, metric]) => [
      metricTitle(metric),
      ...duts.map(({ name }) => {
        const summary = summaryOf(results, id, name);
        if (summary === undefined) return '';
        const { median, range } = formatSummary(summary, metric);
        return `**${median}**<br>${range}`;
      }),
    ]);
  return table(['', ...duts.map(({ title }) => title)], rows);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}
