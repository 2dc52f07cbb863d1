import type { CalendarDay } from '@qiantang/api'

/** 1 is Monday, 7 Sunday. */
export const weekday = (day: string): number => ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1
export const isWeekend = (day: string): boolean => weekday(day) > 5

/** Every day of a year as YYYY-MM-DD, month by month. */
export function monthsOf(year: number): string[][] {
  return Array.from({ length: 12 }, (_, month) => {
    const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
    return Array.from({ length: days }, (_, day) => new Date(Date.UTC(year, month, day + 1)).toISOString().slice(0, 10))
  })
}

export type Read = { days: CalendarDay[] } | { line: number; text: string; why: 'wrongLine' | 'otherYear' }

const DATE = '(\\d{4})[-/.年](\\d{1,2})[-/.月](\\d{1,2})日?'
const LINE = new RegExp(`^${DATE}(?:\\s*(?:至|到|~|—|–|to|-)\\s*${DATE})?[\\s,，;：:]*(.*)$`, 'i')
const WORKED = /(^|[\s,，;])(班|上班|调休上班|work|working)([\s,，;]|$)/i
const FREE = /(^|[\s,，;])(休|放假|休息|off|free|holiday)([\s,，;]|$)/i

function dateOf(year = '', month = '', day = ''): string | null {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const date = new Date(`${text}T00:00:00Z`)
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? null : text
}

/**
 * The days that a pasted arrangement names: lines of a day or a stretch of days, with a name and, where people work, the word for it; or
 * the JSON of the interface. The first line that cannot be read is told instead.
 */
export function readDays(text: string, year: number, usual: { free: string; working: string }): Read {
  const trimmed = text.trim()
  if (trimmed.startsWith('[')) {
    try {
      const days = (JSON.parse(trimmed) as CalendarDay[]).map((one) => ({ day: String(one.day), working: one.working === true, name: String(one.name || (one.working ? usual.working : usual.free)) }))
      const wrong = days.findIndex((one) => dateOf(...one.day.split('-')) !== one.day)
      if (wrong >= 0) return { line: wrong + 1, text: days[wrong]?.day ?? '', why: 'wrongLine' }
      const other = days.findIndex((one) => !one.day.startsWith(`${year}-`))
      return other >= 0 ? { line: other + 1, text: days[other]?.day ?? '', why: 'otherYear' } : { days }
    } catch {
      return { line: 1, text: trimmed.slice(0, 40), why: 'wrongLine' }
    }
  }
  const days = new Map<string, CalendarDay>()
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (!line) continue
    const found = LINE.exec(line)
    const from = found && dateOf(found[1], found[2], found[3])
    const to = found?.[4] ? dateOf(found[4], found[5], found[6]) : from
    if (!found || !from || !to || to < from || (Date.parse(to) - Date.parse(from)) / 86_400_000 > 60) return { line: i + 1, text: line, why: 'wrongLine' }
    if (!from.startsWith(`${year}-`) || !to.startsWith(`${year}-`)) return { line: i + 1, text: line, why: 'otherYear' }
    const words = found[7] ?? ''
    const working = WORKED.test(words)
    const name = words.replace(WORKED, ' ').replace(FREE, ' ').replace(/[\s,，;]+/g, ' ').trim() || (working ? usual.working : usual.free)
    for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
      const day = new Date(at).toISOString().slice(0, 10)
      days.set(day, { day, working, name })
    }
  }
  return { days: [...days.values()] }
}
