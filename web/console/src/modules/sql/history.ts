/** Queries that were run and the draft being written, kept in this browser so that no work is lost. */
export interface Past {
  sql: string
  at: string
  rows: number | null
  ok: boolean
}

const HISTORY = 'qiantang.sql-history'
const DRAFT = 'qiantang.sql-draft'
const MOST = 100

function read<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(key)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}
function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Full or forbidden: the page goes on without memory.
  }
}

export const readHistory = (who: string): Past[] => read<Past[]>(`${HISTORY}.${who}`, [])
/** Newest first; the same query run again moves to the front instead of standing there twice. */
export function remember(who: string, past: Past): Past[] {
  const list = [past, ...readHistory(who).filter((one) => one.sql !== past.sql)].slice(0, MOST)
  write(`${HISTORY}.${who}`, list)
  return list
}
export const clearHistory = (who: string): void => write(`${HISTORY}.${who}`, [])
export const readDraft = (who: string): string => read<string>(`${DRAFT}.${who}`, '')
export const writeDraft = (who: string, sql: string): void => write(`${DRAFT}.${who}`, sql)
