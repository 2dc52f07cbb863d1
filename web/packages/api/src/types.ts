/** What the hub says over its REST API, by the words of the API itself. */

export type Role = 'ENGINEER' | 'OFFICER' | 'ANALYST' | 'AUDITOR'

export interface Session {
  username: string
  displayName: string
  roles: Role[]
  department: string | Department | null
}

export interface Department {
  id: string
  name: string
  nameEn: string
}

export type RunState = 'QUEUED' | 'RUNNING' | 'CANCELLING' | 'CANCELLED' | 'COMPLETE' | 'INCOMPLETE' | 'FAILED'
export type ObjectState =
  | 'WAITING'
  | 'READING'
  | 'VERIFYING'
  | 'COMPLETE'
  | 'INCOMPLETE'
  | 'UNREADABLE'
  | 'FAILED'
  | 'CANCELLED'
  | 'RECORDED'
export type TableState = 'COMPLETE' | 'INCOMPLETE' | 'UNREADABLE' | 'FAILED'
export type DepartmentState = 'COMPLETE' | 'INCOMPLETE' | 'FAILED' | 'RUNNING' | 'NEVER'
export type SourceKind = 'POSTGRES' | 'FOLDER' | 'API'
export type Level = 'L1' | 'L2' | 'L3' | 'L4'

/** One sentence in both languages. */
export interface Words {
  zh: string
  en: string
}

export interface RunSummary {
  id: string
  sourceId: string
  sourceName: string
  departmentId: string
  state: RunState
  startedAt: string | null
  finishedAt: string | null
  attempt: number
  position: string | null
  tables: { found: number; finished: number; failed: number }
  rows: number
  rejected: number
  bytes: number
  estimatedRows: number | null
  rowsPerSecond: number | null
  secondsLeft: number | null
  message: Words | null
}

export interface RunObject {
  kind: string
  name: string
  lakeTable: string | null
  state: ObjectState
  rowsAtSource: number | null
  rowsLanded: number
  rejected: number
  bytes: number
  estimatedRows: number | null
  reason: (Words & { code: string; detail?: string | null }) | null
  startedAt: string | null
  finishedAt: string | null
}

export interface Run extends RunSummary {
  objects: RunObject[]
}

export interface Source {
  id: string
  name: string
  title: string
  department: Department
  kind: SourceKind
  location: string
  username: string | null
  createdAt: string
  lastRun: RunSummary | null
  /** When its schedule starts it next. */
  nextRunAt?: string | null
  tables: number
  rows: number
}

export type ScheduleDays = 'ALL' | 'WORKING' | 'FREE'

/** When a source is collected by itself; `rhythm` is "every 15 minutes", "daily 02:30", "weekly MON,THU 02:30" or "cron 0 2 1 * *". */
export interface WantedSchedule {
  enabled: boolean
  rhythm: string
  days: ScheduleDays
  windowFrom: string | null
  windowTo: string | null
  priority: number
  connections: number | null
  rowsPerSecond: number | null
}

export interface Schedule extends WantedSchedule {
  zone: string
  nextTimes: string[]
  lastAt: string | null
  lastRun: string | null
  lastSkipped: boolean
  changedAt: string
  changedBy: string
}

export interface NewSource {
  name: string
  title: string
  departmentId: string
  location: string
  username: string
  password: string
  /** What its kind needs beyond address and account; nothing secret. */
  settings?: Record<string, string>
}

/** The first rows of something in a source, and how it is read, in the words of its kind's settings. */
export interface SourcePreview {
  object: string
  columns: string[]
  rows: (string | null)[][]
  total: number | null
  found: string
}

/** What a connection test found. */
export interface SourceReport {
  ok: boolean
  product: string
  version: string
  objects: Record<string, number>
  unreadable: string[]
  estimatedRows: number
  estimatedBytes: number
  millis: number
  previews?: SourcePreview[]
}

export interface TableCell {
  resourceId: string
  name: string
  state: TableState
  rows: number
  rejected: number
}

export interface DepartmentOverview extends Department {
  sources: number
  tables: number
  completeTables: number
  rows: number
  rejected: number
  bytes: number
  completeness: number | null
  lastFinishedAt: string | null
  state: DepartmentState
  running: boolean | number
  tablesState: TableCell[]
}

export interface Attention extends Words {
  kind: string
  departmentId: string | null
  sourceId: string | null
  runId: string | null
  at: string
}

export interface Overview {
  asOf: string
  installation: { name: string; trial: boolean }
  city: {
    departments: number
    sources: number
    tables: number
    completeTables: number
    rows: number
    rejected: number
    bytes: number
    completeness: number | null
  }
  departments: DepartmentOverview[]
  running: RunSummary[]
  attention: Attention[]
  history: { at: string; rows: number; tables: number }[]
}

export interface Page<T> {
  total: number
  items: T[]
}

export interface Resource {
  id: string
  lakeTable: string
  name: string
  title: string | null
  comment: string | null
  department: Department
  source: { id: string; name: string }
  kind: string
  rows: number
  bytes: number
  asOf: string | null
  completeness: TableState
  level: Level
  columnsCount: number
  snapshotId: string | number | null
  matched: string[]
}

export interface ResourceColumn {
  name: string
  sourceName: string
  type: string
  sourceType: string
  comment: string | null
  nullable: boolean
  key: string | boolean | null
  level: Level
  detected: { kind: string; share: number } | null
  mask: string | null
  nulls: number | null
  checksum: string | null
}

export interface ResourceDetail extends Resource {
  columns: ResourceColumn[]
  details: Record<string, string>
  receipts: { runId: string; at: string; verdict: string }[]
}

export interface Preview {
  asOf: string | null
  columns: { name: string; type: string; level: Level; masked: boolean }[]
  rows: (string | null)[][]
}

export interface SqlResult {
  /** `masked` where the values were masked by level. */
  columns: { name: string; type: string; masked?: boolean }[]
  rows: (string | number | boolean | null)[][]
  truncated: boolean
  rowCount: number
  millis: number
  asOf: string | null
  tables: { name: string; snapshotId: string | number; asOf: string | null; completeness: TableState }[]
}

export interface Reject {
  object: string
  where: string
  column: string | null
  code: string
  reason: string
  raw: string | null
}

export interface ReceiptColumn {
  name: string
  lakeName: string
  sourceType: string
  type: string
  nulls: number
  checksumRead: string
  checksumWritten: string
}

export interface ReceiptObject {
  kind: string
  schema: string
  name: string
  lakeTable: string | null
  state: ObjectState
  reason: unknown
  rowsAtSource: number | null
  rowsLanded: number
  rowsRejected: number
  valuesRejected: number
  bytes: number
  snapshotId: string | number | null
  committedAt: string | null
  position: string | null
  startedAt: string | null
  finishedAt: string | null
  columns: ReceiptColumn[]
  details?: Record<string, unknown>
}

/** The signed statement of what a run brought; the signature covers the canonical bytes of {@link Receipt.receipt}. */
export interface Receipt {
  receipt: {
    version: number
    installation: string
    keyFingerprint: string
    runId: string
    source: { name: string; title: string; kind: string; location: string; department: string }
    attempts: { startedAt: string; finishedAt: string | null; position: string | null }[]
    position: string | null
    startedAt: string
    finishedAt: string
    objects: ReceiptObject[]
    totals: {
      objects: number
      tables: number
      completeTables: number
      rowsAtSource: number
      rowsLanded: number
      rowsRejected: number
      bytes: number
    }
    verdict: 'complete' | 'incomplete'
    missing: { object: string; code: string; reason: string }[]
  }
  signature: { algorithm: string; publicKey: string; value: string }
}
