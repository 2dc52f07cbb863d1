import type { EntryStatement } from '@qiantang/api'

/** The guide's lists, in its order. */
export const THEMES = ['PUBLIC_SERVICE', 'HEALTH', 'SOCIAL_SECURITY', 'FOOD_AND_DRUG_SAFETY', 'WORK_SAFETY', 'PRICES', 'ENERGY', 'CREDIT', 'CONSTRUCTION', 'COMMUNITY', 'ENVIRONMENT', 'EMERGENCY'] as const
export const FORMATS = ['DATABASE', 'SPREADSHEET', 'FILE', 'IMAGE', 'STREAM', 'SELF_DESCRIBING'] as const
export const TYPES = ['C', 'N', 'Y', 'D', 'T', 'L', 'M', 'G', 'B', 'I', 'F'] as const
export const SHARE_CLASSES = ['UNCONDITIONAL', 'CONDITIONAL', 'NOT_SHARED'] as const
export const SHARE_MODES = ['API', 'DB_TABLE', 'FILE', 'OFFLINE_MEDIA'] as const
export const OPEN_CLASSES = ['OPEN', 'RESTRICTED', 'FORBIDDEN'] as const
export const CYCLES = ['REALTIME', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'YEARLY', 'IRREGULAR', 'ONCE'] as const
export const STATES = ['DRAFT', 'SUBMITTED', 'UNDER_REVIEW', 'RETURNED', 'PUBLISHED', 'CHANGED', 'RETIRED'] as const

/** 类, 项, 目, 细目 of a classification's digits. */
export interface Classification {
  kind: string
  item: string
  part: string
  detail: string
}

/** Holds the place of a digit that is missing before others, so that those stay in the part that they were written in. */
const GAP = '_'
const digits = (text: string): string => text.replaceAll(GAP, '')
export const splitClassification = (text: string): Classification => ({ kind: digits(text.slice(0, 1)), item: digits(text.slice(1, 3)), part: digits(text.slice(3, 6)), detail: digits(text.slice(6)) })
export function joinClassification(of: Classification): string {
  const { kind, item, part, detail } = of
  return ((item || part || detail ? kind.padEnd(1, GAP) : kind) + (part || detail ? item.padEnd(2, GAP) : item) + (detail ? part.padEnd(3, GAP) : part) + detail)
}
export const hasGap = (text: string): boolean => text.includes(GAP)

export interface Difference {
  field: string
  /** The item it is about, where it is one of several. */
  item?: string
  before: string
  after: string
}

const PLAIN = ['title', 'summary', 'classification', 'theme', 'format', 'providerUscc', 'shareClass', 'shareCondition', 'shareMode', 'openClass', 'openCondition', 'updateCycle'] as const

/** What differs between two statements; items are the same when they have one name. */
export function differences(before: EntryStatement, after: EntryStatement): Difference[] {
  const found: Difference[] = []
  for (const field of PLAIN) {
    const one = before[field] ?? ''
    const other = after[field] ?? ''
    if (one !== other) found.push({ field, before: one, after: other })
  }
  const were = new Map(before.items.map((item) => [item.name, item.type]))
  const are = new Map(after.items.map((item) => [item.name, item.type]))
  const columns = new Map(before.items.map((item) => [item.name, item.column ?? '']))
  for (const item of after.items) {
    const column = columns.get(item.name)
    if (column !== undefined && column !== (item.column ?? '')) found.push({ field: 'itemColumn', item: item.name, before: column, after: item.column ?? '' })
  }
  for (const [item, type] of were) if (are.get(item) !== type) found.push({ field: 'items', item, before: type, after: are.get(item) ?? '' })
  for (const [item, type] of are) if (!were.has(item)) found.push({ field: 'items', item, before: '', after: type })
  const codes = [before.relatedResourceCodes.join(', '), after.relatedResourceCodes.join(', ')] as const
  if (codes[0] !== codes[1]) found.push({ field: 'relatedResourceCodes', before: codes[0], after: codes[1] })
  return found
}
