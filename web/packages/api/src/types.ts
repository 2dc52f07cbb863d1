/** What the hub says over its REST API, by the words of the API itself: {@link schemas} is generated from its description. */
import type { components } from './schema'

type schemas = components['schemas']

export type Session = schemas['Session']
export type Role = Session['roles'][number]
export type Department = schemas['Department']
export type Overview = schemas['Overview']
export type StorageState = schemas['StorageState']
export type DepartmentOverview = schemas['OverviewDepartmentOverview']
export type TableCell = schemas['OverviewTableCell']
export type Attention = schemas['OverviewAttention']
export type Source = schemas['Source']
export type SourceKind = Source['kind']
export type NewSource = schemas['NewSource']
/** How a source's changes arrive. */
export type Following = schemas['Following']
export type SourceReport = schemas['Report']
export type SourcePreview = schemas['SourcePreview']
/** When a source is collected by itself; its rhythm is "every 15 minutes", "daily 02:30", "weekly MON,THU 02:30" or "cron 0 2 1 * *". */
export type Schedule = schemas['SchedulePlan']
export type WantedSchedule = schemas['WantedSchedule']
export type ScheduleDays = Schedule['days']
export type Run = schemas['Run']
export type RunSummary = schemas['RunSummary']
export type RunState = RunSummary['state']
export type RunObject = schemas['RunObject']
/** One sentence in both languages. */
export type Words = schemas['RunSummaryWords']
export type Reject = schemas['Reject']
export type RejectPage = schemas['RejectPage']
/** The signed statement of what a run brought. */
export type Receipt = schemas['SignedReceipt']
export type ReceiptColumn = schemas['ReceiptColumnProof']
export type Resource = schemas['Resource']
export type ResourcePage = schemas['ResourcePage']
export type ResourceColumn = schemas['ResourceField']
export type ResourceDetail = schemas['ResourceDetail']
export type Completeness = Resource['completeness']
export type Level = Resource['level']
export type Preview = schemas['Preview']
export type SqlResult = schemas['SqlAnswer']
