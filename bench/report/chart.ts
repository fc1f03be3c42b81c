/**
 * A line chart as SVG: a few named series over the same named places on the x axis.
 */

export interface Series {
  name: string;
  /** One value for each place; undefined where there is none, which interrupts the line. */
  values: readonly (number | undefined)[];
}

export interface Chart {
  title: string;
  /** Labels, of one or two lines. */
  places: readonly string[];
  xTitle: string;
  yTitle: string;
  isLogarithmic: boolean;
  series: readonly Series[];
}

const WIDTH = 860;
const HEIGHT = 440;
const PLOT = { left: 70, right: 620, top: 50, bottom: 370 };
const LEGEND_X = 645;
const LEGEND_STEP = 24;
/** Colours that people without red-green vision can tell apart (after Okabe and Ito). */
const COLOURS = [
  '#0072b2',
  '#56b4e9',
  '#000000',
  '#999999',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
];
const GRID_LINES = 5;
const LINE_STEP = 15;

export function drawChart(chart: Chart): string {
  const x = (place: number): number =>
    PLOT.left + ((place + 0.5) * (PLOT.right - PLOT.left)) / chart.places.length;
  const { y, ticks } = scaleOf(chart);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
      `font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 28, chart.title, 'font-size="16" font-weight="bold"'),
    text(PLOT.left, PLOT.top - 6, chart.yTitle, 'fill="#555555"'),
    text(
      (PLOT.left + PLOT.right) / 2,
      HEIGHT - 14,
      chart.xTitle,
      'text-anchor="middle" fill="#555555"',
    ),
    ...ticks.flatMap((tick) => [
      `<path d="M${PLOT.left} ${y(tick)}H${PLOT.right}" stroke="#dddddd"/>`,
      text(PLOT.left - 8, y(tick) + 4, tickLabel(tick), 'text-anchor="end"'),
    ]),
    ...chart.places.flatMap((place, index) =>
      place
        .split('\n')
        .map((line, row) =>
          text(x(index), PLOT.bottom + 20 + row * LINE_STEP, line, 'text-anchor="middle"'),
        ),
    ),
    ...chart.series.flatMap((series, index) => drawSeries(series, index, x, y)),
    '</svg>',
    '',
  ].join('\n');
}

function drawSeries(
  series: Series,
  index: number,
  x: (place: number) => number,
  y: (value: number) => number,
): string[] {
  const colour = COLOURS[index % COLOURS.length]!;
  const at = (value: number, place: number): [number, number] => [round(x(place)), y(value)];
  const lines = runsOf(series.values).map((run) => run.map(([value, place]) => at(value, place)));
  if (lines.length === 0) return [];
  const legendY = PLOT.top + 10 + index * LEGEND_STEP;
  return [
    ...lines.map((points) => {
      const path = points.map(([cx, cy]) => `${cx} ${cy}`).join('L');
      return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
    }),
    ...lines.flat().map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
    `<path d="M${LEGEND_X} ${legendY}h22" stroke="${colour}" stroke-width="3"/>`,
    text(LEGEND_X + 30, legendY + 4, series.name, ''),
  ];
}

/** The values with their places, split where one is missing. */
function runsOf(values: Series['values']): [value: number, place: number][][] {
  const runs: [number, number][][] = [];
  values.forEach((value, place) => {
    if (value === undefined) return;
    const hasNeighbour = place > 0 && values[place - 1] !== undefined;
    if (!hasNeighbour) runs.push([]);
    runs[runs.length - 1]!.push([value, place]);
  });
  return runs;
}

interface Scale {
  y: (value: number) => number;
  ticks: number[];
}

function scaleOf({ series, isLogarithmic }: Chart): Scale {
  const values = series.flatMap((one) => one.values.filter((value) => value !== undefined));
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const ticks = isLogarithmic ? decadeTicks(least, greatest) : evenTicks(greatest);
  const position = isLogarithmic ? Math.log10 : (value: number): number => value;
  const [bottom, top] = [position(ticks[0]!), position(ticks[ticks.length - 1]!)];
  const height = PLOT.bottom - PLOT.top;
  const y = (value: number): number =>
    round(PLOT.bottom - (height * (position(value) - bottom)) / (top - bottom));
  return { y, ticks };
}

/** Ticks from 0 to at least `greatest` in steps of 1, 2 or 5 times a power of ten. */
function evenTicks(greatest: number): number[] {
  const rough = greatest / GRID_LINES || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  const count = Math.ceil(greatest / step - 1e-9) || 1;
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Ticks at 1, 2 and 5 times the powers of ten from under `least` to over `greatest`. */
function decadeTicks(least: number, greatest: number): number[] {
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(greatest));
  const all: number[] = [];
  for (let power = first; power <= last; power++) {
    for (const factor of [1, 2, 5]) all.push(factor * 10 ** power);
  }
  const from = all.filter((tick) => tick <= least).length - 1;
  const to = all.findIndex((tick) => tick >= greatest && tick > all[from]!);
  return all.slice(from, to + 1);
}

const tickLabel = (tick: number): string => String(Number(tick.toPrecision(6)));

const round = (value: number): number => Math.round(value * 10) / 10;

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped}</text>`;
}
