import type { ProfileAlarm, ProfileColumn } from '@qiantang/api'

/** The points of a line in a box, from values in their order; a lone value is a flat line. */
export function line(values: number[], width: number, height: number): string {
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const step = values.length > 1 ? width / (values.length - 1) : width
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(height - 1 - ((value - low) / span) * (height - 2)).toFixed(1)}`)
  return values.length > 1 ? points.join(' ') : `0,${height / 2} ${width},${height / 2}`
}

/** The share of rows without a value. */
export const nullShare = (column: ProfileColumn): number => (column.profile.rows ? column.profile.nulls / column.profile.rows : 0)

/** What an alarm's figures are in the words of its kind; the names are those of the message. */
export interface AlarmWords {
  key: string
  names: Record<string, string>
}

interface Formats {
  exact: (value: number) => string
  percent: (share: number) => string
  dateTime: (at: string) => string
  duration: (milliseconds: number) => string
}

/** A shape may be empty: nothing is written at all. */
const shape = (one: string | undefined): string => (one ? one : '∅')

export function alarmWords(alarm: ProfileAlarm, format: Formats): AlarmWords {
  const [before = '', beforeTo = ''] = alarm.before
  const [now = '', nowTo = ''] = alarm.now
  switch (alarm.kind) {
    case 'ROWS':
      return { key: Number(now) < Number(before) ? 'ROWS_FALL' : 'ROWS_RISE', names: { before: format.exact(Number(before)), now: format.exact(Number(now)) } }
    case 'NULLS':
      return { key: 'NULLS', names: { before: format.percent(Number(before)), now: format.percent(Number(now)) } }
    case 'DISTINCT':
      return { key: 'DISTINCT', names: { before: format.exact(Number(before)), now: format.exact(Number(now)) } }
    case 'RANGE':
      return alarm.now.length ? { key: 'RANGE', names: { before: `${before} – ${beforeTo}`, now: `${now} – ${nowTo}` } } : { key: 'RANGE_HIDDEN', names: {} }
    case 'PATTERN':
      return { key: 'PATTERN', names: { before: shape(before), now: shape(now), share: format.percent(Number(nowTo)) } }
    case 'LATE':
      return alarm.now.length ? { key: 'LATE', names: { newest: format.dateTime(now), usual: format.duration(Number(before) * 1000) } } : { key: 'LATE_HIDDEN', names: {} }
  }
}
