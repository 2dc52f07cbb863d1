import type { SqlResult } from '@qiantang/api'

export interface Chart {
  kind: 'LINE' | 'BAR'
  /** Column along which it is drawn. */
  x: string
  /** Columns that are drawn. */
  y: string[]
}

/** What can be told apart in one picture. */
export const MOST_SERIES = 8
export const MOST_POINTS = 5_000

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|DECIMAL|NUMERIC|DOUBLE|FLOAT|REAL)/i
const TIME = /^(DATE|TIMESTAMP)/i
type Column = SqlResult['columns'][number]

export const isNumber = (type: string): boolean => NUMBER.test(type)

/** How one would draw it who was not told: numbers over time, else bars along the first column that is none. */
export function usual(columns: readonly Column[]): Chart | null {
  const x = columns.find((column) => TIME.test(column.type)) ?? columns.find((column) => !isNumber(column.type)) ?? columns[0]
  const y = columns.filter((column) => column !== x && isNumber(column.type)).map((column) => column.name)
  return x && y.length ? { kind: TIME.test(x.type) ? 'LINE' : 'BAR', x: x.name, y: y.slice(0, 3) } : null
}

export interface Series {
  /** Whether x is a moment, and places are milliseconds. */
  time: boolean
  x: (string | number)[]
  y: { name: string; values: (number | null)[] }[]
  points: number
  /** Rows that are not drawn, because there are too many. */
  left: number
}

/** A lake's text of a date or a time, as a moment; what has no offset is the city's clock as it stands. */
function moment(text: string): number {
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')
  return Date.parse(whole)
}

/** The columns of the answer that are drawn; rows whose x is null are left out. */
export function seriesOf(result: Pick<SqlResult, 'columns' | 'rows'>, chart: Chart): Series {
  const at = (name: string): number => result.columns.findIndex((column) => column.name === name)
  const x = at(chart.x)
  const time = TIME.test(result.columns[x]?.type ?? '')
  const named = result.rows.filter((row) => row[x] !== null)
  const rows = named.slice(0, MOST_POINTS)
  const number = (text: string | null | undefined): number | null => {
    const value = text === null || text === undefined || text === '' ? NaN : Number(text)
    return Number.isFinite(value) ? value : null
  }
  const order = rows.map((row, i) => ({ i, key: time ? moment(row[x]!) : i }))
  if (time) order.sort((a, b) => a.key - b.key)
  return {
    time,
    x: order.map(({ i, key }) => (time ? key : rows[i]![x]!)),
    y: chart.y.map((name) => ({ name, values: order.map(({ i }) => number(rows[i]![at(name)])) })),
    points: rows.length,
    left: named.length - rows.length,
  }
}
