/** How each state looks: an icon shape, a word by key, a tone. Colour is never the only one of the three. */
export type Tone = 'good' | 'busy' | 'warn' | 'caution' | 'bad' | 'quiet'

interface Look {
  icon: string
  tone: Tone
}

const looks: Record<string, Look> = {
  COMPLETE: { icon: 'check', tone: 'good' },
  INCOMPLETE: { icon: 'half', tone: 'warn' },
  UNREADABLE: { icon: 'lock', tone: 'caution' },
  FAILED: { icon: 'cross', tone: 'bad' },
  NEVER: { icon: 'dashed', tone: 'quiet' },
  QUEUED: { icon: 'clock', tone: 'quiet' },
  WAITING: { icon: 'clock', tone: 'quiet' },
  RUNNING: { icon: 'arc', tone: 'busy' },
  READING: { icon: 'arc', tone: 'busy' },
  VERIFYING: { icon: 'arc', tone: 'busy' },
  CANCELLING: { icon: 'slash', tone: 'quiet' },
  CANCELLED: { icon: 'slash', tone: 'quiet' },
  RECORDED: { icon: 'dot', tone: 'quiet' },
}

export function lookOf(state: string): Look {
  return looks[state] ?? { icon: 'dot', tone: 'quiet' }
}

/** Worst first: what a person must see before anything else. */
export const severity: Record<string, number> = { FAILED: 0, UNREADABLE: 1, INCOMPLETE: 2, CANCELLED: 3, NEVER: 4, COMPLETE: 9 }

/** Whether a run still goes on. */
export function isActive(state: string): boolean {
  return state === 'QUEUED' || state === 'RUNNING' || state === 'CANCELLING'
}
