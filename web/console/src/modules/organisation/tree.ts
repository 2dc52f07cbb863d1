import type { DepartmentEntry, Validity } from '@qiantang/api'

export interface Placed {
  entry: DepartmentEntry
  depth: number
}

/** Departments under those they are a part of; one whose parent is not in force stands at the top. */
export function placed(entries: DepartmentEntry[]): Placed[] {
  const known = new Set(entries.map((entry) => entry.department.id))
  const found: Placed[] = []
  const below = (parent: string | null, depth: number): void => {
    for (const entry of entries) {
      const above = entry.parent && known.has(entry.parent) ? entry.parent : null
      if (above !== parent) continue
      found.push({ entry, depth })
      below(entry.department.id, depth + 1)
    }
  }
  below(null, 0)
  return found
}

/** The words of a period, for both languages by the translation given. */
export function periodOf(validity: Validity, t: (key: string, values?: Record<string, string>) => string): string {
  const parts = [
    ...(validity.from ? [t('organisation.from', { from: validity.from })] : []),
    ...(validity.to ? [t('organisation.to', { to: validity.to })] : []),
  ]
  return parts.join(' ') || t('organisation.always')
}
