export type RhythmKind = 'every' | 'daily' | 'weekly' | 'cron'
export const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** A rhythm as the form has it; fields of the other kinds keep what they had. */
export interface RhythmDraft {
  kind: RhythmKind
  minutes: number
  at: string
  on: Weekday[]
  cron: string
}

export const usualRhythm = (): RhythmDraft => ({ kind: 'daily', minutes: 60, at: '02:30', on: ['MON'], cron: '30 2 * * *' })

/** Reads the hub's words: "every 15 minutes", "daily 02:30", "weekly MON,THU 02:30", "cron 0 2 1 * *". */
export function readRhythm(text: string): RhythmDraft {
  const usual = usualRhythm()
  const words = text.trim().split(/\s+/)
  if (words[0] === 'every') return { ...usual, kind: 'every', minutes: Number(words[1]) }
  if (words[0] === 'weekly') return { ...usual, kind: 'weekly', on: WEEKDAYS.filter((day) => words[1]?.split(',').includes(day)), at: words[2] ?? usual.at }
  if (words[0] === 'cron') return { ...usual, kind: 'cron', cron: words.slice(1).join(' ') }
  return { ...usual, kind: 'daily', at: words[1] ?? usual.at }
}

export function writeRhythm(rhythm: RhythmDraft): string {
  switch (rhythm.kind) {
    case 'every':
      return `every ${rhythm.minutes} minutes`
    case 'daily':
      return `daily ${rhythm.at}`
    case 'weekly':
      return `weekly ${WEEKDAYS.filter((day) => rhythm.on.includes(day)).join(',')} ${rhythm.at}`
    case 'cron':
      return `cron ${rhythm.cron.trim()}`
  }
}
