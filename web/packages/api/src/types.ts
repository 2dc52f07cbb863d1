/** What the hub says over its REST API, by the words of the API itself: {@link schemas} is generated from its description. */
import type { components } from './schema'

type schemas = components['schemas']

export type Session = schemas['Session']
export type Identity = schemas['Identity']
export type Newcomer = schemas['Newcomer']
/** By which people may sign in besides their password. */
export type Provider = schemas['Entrance']
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
/** What may be changed of a source; a null password leaves the one there is. */
export type SourceEdit = schemas['SourceEdit']
export type SourceEdited = schemas['Edited']
/** What a stream of events has brought. */
export type StreamState = schemas['State']
export type Device = schemas['Device']
export type Stranger = schemas['Stranger']
/** How a source's changes arrive. */
export type Following = schemas['Following']
export type Ledger = schemas['Ledger']
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
/** What could not be taken of a source, whichever run refused it. */
export type KeptReject = schemas['Kept']
export type KeptPage = schemas['KeptPage']
export type RejectCount = schemas['Count']
/** What a replay does: a run reads tables again; what became of messages is known at once. */
export type Replaying = schemas['Replaying']
/** The lake held against a source. */
export type Verification = schemas['Verification']
export type VerificationDetail = schemas['Verified']
export type TableComparison = schemas['TableComparison']
export type DifferenceCell = TableComparison['rows'][number]['key'][number]
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
/** A statement that is kept, with how its answer is drawn. */
/** What was handed in with an application. */
export type Attachment = schemas['Attachment']
export type SavedQuery = schemas['Saved']
export type QueryToSave = schemas['ToSave']
/** Every table of the city in a compact form. */
export type Fleet = schemas['Fleet']
export type FleetSource = schemas['FleetFleetSource']
export type FleetState = Fleet['tables']['states'][number]
/** How a resource's columns changed, version by version. */
export type Schemas = schemas['Schemas']
export type SchemaChange = schemas['SchemaVersionChange']
/** What a resource holds, column by column, and what changed more than it should. */
export type Profile = schemas['Profile']
export type ProfileColumn = schemas['ProfileColumn']
export type ProfileAlarm = schemas['ProfileAlarm']
export type ProfileAlarmPage = schemas['ProfileAlarmPage']
/** How a resource's fields are classified, why, and who decided. */
export type Classified = schemas['Classified']
export type FieldClass = schemas['FieldClass']
export type ClassDecision = schemas['ClassDecision']
/** How good the city's data is, by department and by the six characteristics. */
export type QualityBoard = schemas['Board']
export type DepartmentScore = schemas['DepartmentScore']
export type DepartmentQuality = schemas['DepartmentQuality']
export type Score = schemas['Score']
export type Characteristic = keyof Score['characteristics'] & string
export type ResourceQuality = schemas['ResourceQuality']
export type QualityRule = schemas['Rule']
export type QualityRequirement = schemas['Requirement']
export type QualityOutcome = schemas['RuleOutcome']
export type RuleForm = schemas['RuleForm']
export type RuleTrial = schemas['Trial']
export type RuleDetail = schemas['RuleDetail']
export type FailingRows = schemas['Failing']
/** A defect that a department has to mend by a day. */
export type Ticket = schemas['TicketBrief']
export type TicketDetail = schemas['TicketWhole']
export type TicketAct = TicketDetail['acts'][number]
/** What the directory offers to whoever applies for it. */
export type Offered = schemas['Offered']
/** What a department asks for. */
export type Asked = schemas['Asked']
export type AskedTable = schemas['AskedTable']
export type Application = schemas['ApplicationBrief']
export type ApplicationDetail = schemas['ApplicationWhole']
export type ApplicationPart = schemas['PartWhole']
export type ShareAct = ApplicationDetail['acts'][number]
export type ShareStep = schemas['ApplicationStep']
/** What of which tables may be read, from when to when, how much. */
export type Terms = schemas['Terms']
export type Grant = schemas['GrantBrief']
export type GrantDetail = schemas['GrantWhole']
/** A grant that opens a field. */
export type Reading = schemas['Reading']
/** That somebody is told of the changes of a granted table. */
export type Subscription = schemas['Subscription']
export type SubscriptionMade = schemas['NewSubscription']
/** What was sent and received on a day. */
export type LedgerDay = schemas['LedgerDay']
export type Peer = schemas['Peer']
export type PeerCard = schemas['PeerCard']
export type PeerOffers = schemas['OffersFound']
export type PeerApplication = schemas['PeerApplication']
export type PeerGrant = schemas['PeerGrant']
export type PeerService = schemas['PeerService']
export type Mirror = schemas['Mirror']
export type MirrorLedger = schemas['MirrorLedger']
/** Events that a receiver did not take. */
export type DeadLetter = schemas['DeadLetter']
/** What somebody says is wrong about themselves. */
export type Objection = schemas['ObjectionBrief']
export type ObjectionDetail = schemas['ObjectionWhole']
export type ObjectionAct = ObjectionDetail['acts'][number]
/** Published data in which there may be records about whoever asks. */
export type OwnEntry = schemas['About']
export type OwnRecord = schemas['OwnRecord']
/** Where a resource comes from and where it goes, by tables and columns. */
/** How a table is made of others, and how it stands. */
export type Mapping = schemas['MappingState']
export type MappingDetail = schemas['MappingStateWhole']
export type MappingCheck = schemas['MappingCheck']
/** One record of a base library with where each of its values comes from. */
export type GoldenRecord = schemas['GoldenRecord']
export type GoldenField = GoldenRecord['fields'][number]
export type GoldenClaim = GoldenField['claims'][number]
export type LineageGraph = schemas['LineageGraph']
export type LineageNode = schemas['LineageGraphNode']
export type LineageEdge = schemas['LineageGraphEdge']
/** What would break if a column went. */
export type Impact = schemas['LineageGraphImpact']
export type Affected = schemas['LineageGraphAffected']
/** A day that is not what its weekday says. */
export type CalendarDay = schemas['CalendarDay']
/** What departments state of their data, in the words of the national guide. */
export type Entry = Omit<schemas['EntryDetail'], 'violations' | 'acts' | 'events' | 'data'>
export type EntryDetail = schemas['EntryDetail']
export type EntryPage = schemas['EntryPage']
export type FoundPage = schemas['Found']
export type FoundHit = schemas['FoundHit']
export type FoundMatch = schemas['FoundMatch']
export type EntryStatement = schemas['EntryStatement']
export type EntryVersion = schemas['EntryVersion']
export type EntryAct = EntryDetail['acts'][number]
/** What keeps an entry from being submitted. */
export type Violation = schemas['Violation']
/** What a filled form would change, or changed, line by line. */
export type FormReport = schemas['FormReport']
/** What several departments hold, and which of them is its source. */
export type Datum = schemas['Datum']
export type DatumClaim = schemas['DatumClaim']
export type DatumCandidate = schemas['DatumCandidate']
export type DatumPart = schemas['DatumPart']
/** What the city has besides data, and the projects that were held against it. */
export type LedgerItem = schemas['LedgerItem']
export type LedgerItemWritten = schemas['LedgerItemWritten']
export type LedgerPage = schemas['LedgerPage']
export type Project = schemas['Project']
export type ProjectWanted = schemas['ProjectWanted']
/** A part of the country in one of its periods. */
export type Division = schemas['Division']
export type DivisionRow = schemas['DivisionRow']
export type DivisionDetail = schemas['DivisionDetail']
export type DepartmentEntry = schemas['DepartmentEntry']
export type DepartmentDetail = schemas['DepartmentDetail']
export type HeldPost = schemas['Held']
export type Validity = schemas['Validity']
export type ImportPlan = schemas['ImportPlan']
export type ImportKind = ImportPlan['kind']
/** An account as its administrators see it. */
export type AccountEntry = schemas['AccountEntry']
export type AuditEntry = schemas['AuditEntry']
export type Act = AuditEntry['act']
export type Invitation = schemas['Invitation']
export type AuditVerdict = schemas['Verdict']
export type EvidenceState = schemas['LogState']
export type EvidenceHold = schemas['EvidenceHold']
export type Enrolment = schemas['Enrolment']
export type Holding = schemas['Holding']
export type Timeline = schemas['Timeline']
export type Footprint = schemas['Footprint']
export type ReadProof = schemas['ReadProof']
export type Question = schemas['Question']
export type Delay = schemas['Delay']
export type NewDelay = schemas['NewDelay']
export type WithheldResource = schemas['WithheldResource']
export type Datasets = schemas['Datasets']
export type DatasetWhole = schemas['DatasetWhole']
export type OpenRows = schemas['OpenRows']
export type Value = schemas['Value']
/** A question about the city's data that systems call by name. */
export type DataService = schemas['DataService']
export type ServiceVersion = DataService['versions'][number]
export type ServiceDefinition = ServiceVersion['definition']
export type ServiceParameter = ServiceDefinition['parameters'][number]
export type ServiceDetail = schemas['ServiceWhole']
/** What a call gives; its rows are of the service's own fields. */
export interface ServiceAnswer {
  service: string
  version: string
  madeUp?: boolean
  rows: Record<string, string | number | boolean | null>[]
  contestedRows?: number[]
  masked?: string[]
  asOf?: string | null
  grant?: string | null
  cut?: boolean
  next?: string | null
}
/** A system that calls by itself. */
export type ServiceClient = schemas['Client']
/** What its tokens may be for. */
export type ClientScope = ServiceClient['scopes'][number]
/** What it proves itself by; a secret is made where it brings nothing. */
export interface ClientCredential {
  publicKey?: string | null
  certificate?: string | null
  subject?: string | null
}
export type SigningKey = schemas['PublishedKey']
/** A secret comes this once. */
export type ClientGiven = schemas['Given']

/** Where an operator works with what it was granted. */
export type Zone = schemas['ZoneWhole']
export type ZoneWanted = schemas['ZoneWanted']
export type ZoneCandidates = schemas['Candidates']
export type ZoneRun = schemas['ZoneRun']
export type ZoneReview = schemas['Waiting']
export type ZoneSample = schemas['Sample']
export type DeclaredAs = ZoneRun['columns'][number]['as']
export type CheckOf = NonNullable<ZoneRun['report']>['checks'][number]['of']
export type Release = schemas['Release']
export type Recognised = schemas['Recognised']
export type Product = schemas['Product']
export type ProductWanted = schemas['ProductWanted']
