import { OfflineError, ProblemError, problemOf } from './problem'
import type {
  AccountEntry,
  Application,
  Attachment,
  ApplicationDetail,
  Asked,
  DeadLetter,
  Grant,
  GrantDetail,
  LedgerDay,
  Mirror,
  Peer,
  PeerApplication,
  PeerCard,
  PeerGrant,
  PeerOffers,
  PeerService,
  MirrorLedger,
  Offered,
  Subscription,
  SubscriptionMade,
  Reading,
  Terms,
  Act,
  AuditEntry,
  AuditVerdict,
  EvidenceHold,
  EvidenceState,
  CalendarDay,
  ClassDecision,
  Classified,
  ClientCredential, ClientGiven, ClientScope,
  DataService,
  Datum,
  DatumCandidate,
  Department,
  DepartmentDetail,
  DepartmentEntry,
  DepartmentQuality,
  Device,
  DivisionDetail,
  DivisionRow,
  Enrolment,
  EntryAct,
  EntryDetail,
  EntryPage,
  FoundPage,
  EntryStatement,
  EntryVersion,
  Fleet,
  Following,
  FailingRows,
  FormReport,
  Impact,
  ImportKind,
  ImportPlan,
  KeptPage,
  Ledger,
  LedgerItem,
  LedgerItemWritten,
  LedgerPage,
  LineageGraph,
  GoldenRecord,
  Mapping,
  MappingCheck,
  MappingDetail,
  NewSource,
  Objection,
  ObjectionDetail,
  OwnEntry,
  Holding,
  Timeline,
  ReadProof,
  Question,
  Delay,
  NewDelay,
  WithheldResource,
  Datasets,
  DatasetWhole,
  OpenRows,
  Value,
  CheckOf,
  DeclaredAs,
  Product,
  ProductWanted,
  Recognised,
  Release,
  Zone,
  ZoneCandidates,
  ZoneReview,
  ZoneRun,
  ZoneSample,
  ZoneWanted,
  OwnRecord,
  Overview,
  Preview,
  Profile,
  ProfileAlarmPage,
  Project,
  ProjectWanted,
  QualityBoard,
  QualityRule,
  Receipt,
  RejectCount,
  RejectPage,
  Replaying,
  Resource,
  ResourceDetail,
  ResourcePage,
  ResourceQuality,
  Role,
  RuleDetail,
  RuleForm,
  RuleTrial,
  Run,
  RunObject,
  RunSummary,
  Schedule,
  Schemas,
  ServiceAnswer,
  ServiceClient,
  ServiceDefinition,
  ServiceDetail, SigningKey,
  Session,
  Identity,
  Invitation,
  Newcomer,
  Provider,
  Source,
  SourceEdit,
  SourceEdited,
  SourceReport,
  SavedQuery,
  QueryToSave,
  SqlResult,
  StorageState,
  Stranger,
  Ticket,
  TicketDetail,
  StreamState,
  Verification,
  VerificationDetail,
  WantedSchedule,
} from './types'

export interface ClientOptions {
  /** The language the hub should answer in, read at each call. */
  locale: () => string
  /** A call was answered 401 outside of signing in: the session has ended. */
  onSignedOut?: () => void
  /** The hub became reachable or unreachable. */
  onReachable?: (reachable: boolean) => void
  fetch?: typeof globalThis.fetch
  base?: string
}

interface CallOptions {
  method?: string
  body?: unknown
  /** Sent as it is, in place of a body. */
  file?: Blob
  fileType?: string
  headers?: Record<string, string>
  query?: Record<string, string | number | undefined | null>
  signal?: AbortSignal
  keepalive?: boolean
  /** 401 is an answer here, not a lost session. */
  signingIn?: boolean
}

export function csrfToken(cookies: string): string | null {
  for (const part of cookies.split(';')) {
    const at = part.indexOf('=')
    if (/^(?:__Host-)?QT-CSRF$/.test(part.slice(0, at).trim())) return decodeURIComponent(part.slice(at + 1).trim())
  }
  return null
}

/**
 * Parses JSON so that a number JavaScript cannot hold (a snapshot id, a 30-digit numeric) stays its exact text. Browsers that do not
 * hand the source text to the reviver get the nearest number, as with plain JSON.parse.
 */
export function parseExact(body: string): unknown {
  return JSON.parse(body, function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
    if (typeof value !== 'number' || context?.source === undefined) return value
    const digits = context.source.replace(/[eE].*$/, '').replace(/[^0-9]/g, '').replace(/^0+/, '')
    return digits.length > 15 && String(value) !== context.source ? context.source : value
  } as (key: string, value: unknown) => unknown)
}

export type Client = ReturnType<typeof createClient>

/** A typed client of the hub. Every call rejects with {@link ProblemError}, {@link OfflineError} or an abort, never anything else. */
export function createClient(options: ClientOptions) {
  const base = options.base ?? ''
  const doFetch: typeof globalThis.fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init)

  async function send(path: string, call: CallOptions = {}): Promise<Response> {
    const method = call.method ?? 'GET'
    const headers: Record<string, string> = {
      Accept: 'application/json, application/problem+json',
      'Accept-Language': options.locale(),
    }
    Object.assign(headers, call.headers)
    if (call.body !== undefined) headers['Content-Type'] = 'application/json'
    if (call.file) headers['Content-Type'] = call.fileType ?? 'application/octet-stream'
    if (method !== 'GET') {
      const token = csrfToken(globalThis.document?.cookie ?? '')
      if (token) headers['X-CSRF-Token'] = token
    }
    const query = Object.entries(call.query ?? {})
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&')
    let response: Response
    try {
      response = await doFetch(base + path + (query ? `?${query}` : ''), {
        method,
        headers,
        body: call.file ?? (call.body === undefined ? undefined : JSON.stringify(call.body)),
        credentials: 'same-origin',
        signal: call.signal,
        keepalive: call.keepalive,
      })
    } catch (cause) {
      if (call.signal?.aborted) throw cause
      options.onReachable?.(false)
      throw new OfflineError(cause)
    }
    options.onReachable?.(true)
    if (response.ok) return response
    if (response.status === 401 && !call.signingIn) options.onSignedOut?.()
    let body: unknown = null
    try {
      body = await response.json()
    } catch {
      // Not JSON: a proxy's page. The status alone must do.
    }
    throw new ProblemError(problemOf(response.status, body))
  }

  async function json<T>(path: string, call?: CallOptions): Promise<T> {
    const response = await send(path, call)
    if (response.status === 204) return undefined as T
    const body = await response.text()
    return (body === '' ? undefined : parseExact(body)) as T
  }

  const id = encodeURIComponent

  return {
    session: {
      get: (signal?: AbortSignal) => json<Session>('/api/session', { signingIn: true, signal }),
      signIn: (username: string, password: string, code?: string) =>
        json<Session>('/api/session', { method: 'POST', body: { username, password, ...(code ? { code } : {}) }, signingIn: true }),
      /** A wrong password is an answer here, not a lost session. */
      changePassword: (before: string, after: string) => json<Session>('/api/session/password', { method: 'PUT', body: { before, after }, signingIn: true }),
      /** A code to read out to who appoints one. */
      presence: () => json<{ code: string }>('/api/session/presence', { method: 'POST' }),
      beginSecondFactor: () => json<Enrolment>('/api/session/second-factor', { method: 'POST' }),
      /** The recovery codes come this once. */
      confirmSecondFactor: (code: string) => json<{ codes: string[] }>('/api/session/second-factor', { method: 'PUT', body: { code }, signingIn: true }),
      signOut: () => json<void>('/api/session', { method: 'DELETE', signingIn: true }),
      identities: () => json<Identity[]>('/api/session/identities'),
      providers: (signal?: AbortSignal) => json<Provider[]>('/api/session/oidc', { signingIn: true, signal }),
      /** Where the browser has to go to be vouched for. */
      beginAt: (provider: string) => json<{ url: string }>(`/api/session/oidc/${id(provider)}/request`, { method: 'POST', signingIn: true }),
      /** Hands in what the provider sent the browser back with. */
      finishAt: (provider: string, returned: { state: string; code?: string; iss?: string; error?: string }) =>
        json<void>(`/api/session/oidc/${id(provider)}`, { method: 'POST', body: returned, signingIn: true }),
      confirmAt: (provider: string, code: string) => json<void>(`/api/session/oidc/${id(provider)}/second-factor`, { method: 'POST', body: { code }, signingIn: true }),
      /** Signs out here; the provider's own session ends at the address, if there is one. */
      signOutAt: () => json<{ url: string | null }>('/api/session/oidc', { method: 'DELETE', signingIn: true }),
    },
    departments: () => json<Department[]>('/api/departments'),
    storage: (signal?: AbortSignal) => json<StorageState>('/api/storage', { signal }),
    overview: (signal?: AbortSignal) => json<Overview>('/api/overview', { signal }),
    sources: {
      list: () => json<Source[]>('/api/sources'),
      get: (source: string) => json<Source>(`/api/sources/${id(source)}`),
      create: (source: NewSource) => json<Source>('/api/sources', { method: 'POST', body: source }),
      test: (at: { location: string; username: string; password: string; settings?: Record<string, string> }, signal?: AbortSignal) =>
        json<SourceReport>('/api/sources/test', { method: 'POST', body: at, signal }),
      edit: (source: string, edit: SourceEdit) => json<SourceEdited>(`/api/sources/${id(source)}`, { method: 'PUT', body: edit }),
      /** Tries a source as it would be after the edit. */
      testEdit: (source: string, edit: SourceEdit) => json<SourceReport>(`/api/sources/${id(source)}/test`, { method: 'POST', body: edit }),
      remove: (source: string, confirm: string) => json<void>(`/api/sources/${id(source)}`, { method: 'DELETE', query: { confirm } }),
      run: (source: string, full = false) => json<RunSummary>(`/api/sources/${id(source)}/runs`, { method: 'POST', query: { full: full ? 'true' : undefined } }),
      /** Null while it is collected only when somebody asks. */
      schedule: async (source: string): Promise<Schedule | null> => {
        try {
          return await json<Schedule>(`/api/sources/${id(source)}/schedule`)
        } catch (error) {
          if (error instanceof ProblemError && error.status === 404) return null
          throw error
        }
      },
      setSchedule: (source: string, wanted: WantedSchedule) => json<Schedule>(`/api/sources/${id(source)}/schedule`, { method: 'PUT', body: wanted }),
      removeSchedule: (source: string) => json<void>(`/api/sources/${id(source)}/schedule`, { method: 'DELETE' }),
      runs: (source: string) => json<RunSummary[]>(`/api/sources/${id(source)}/runs`),
      deliveries: (source: string) => json<Ledger>(`/api/sources/${id(source)}/deliveries`),
      following: (source: string) => json<Following>(`/api/sources/${id(source)}/following`),
      follow: (source: string) => json<Following>(`/api/sources/${id(source)}/following`, { method: 'POST' }),
      verifications: (source: string) => json<Verification[]>(`/api/sources/${id(source)}/verifications`),
      verify: (source: string, wanted: { values: boolean; aim: Verification['aim']; tables?: string[] }) =>
        json<Verification>(`/api/sources/${id(source)}/verification`, { method: 'POST', body: wanted }),
      rejects: (source: string, query: { object?: string; code?: string; open?: string; offset: number; limit: number }) =>
        json<KeptPage>(`/api/sources/${id(source)}/rejects`, { query }),
      rejectCounts: (source: string) => json<RejectCount[]>(`/api/sources/${id(source)}/rejects/counts`),
      exportRejects: async (source: string, query: { object?: string; code?: string; open?: string; format: 'csv' | 'ndjson' }) =>
        (await send(`/api/sources/${id(source)}/rejects/export`, { query })).blob(),
      /** Returns the run that reads what was refused again. */
      replayRejects: (source: string, which: { object: string; code: string }) =>
        json<Replaying>(`/api/sources/${id(source)}/rejects/replay`, { method: 'POST', body: which }),
      unfollow: (source: string) => json<Following>(`/api/sources/${id(source)}/following`, { method: 'DELETE' }),
    },
    streams: {
      state: (source: string) => json<StreamState>(`/api/sources/${id(source)}/events`),
      devices: (source: string, query: { q?: string; order?: 'NUMBER' | 'SILENCE'; offset?: number; limit?: number }) => json<Device[]>(`/api/sources/${id(source)}/devices`, { query }),
      /** The token comes this once. */
      register: (source: string, device: { device: string; title?: string; gateway?: boolean }) => json<{ token: string }>(`/api/sources/${id(source)}/devices`, { method: 'POST', body: device }),
      rotate: (source: string, device: string) => json<{ token: string }>(`/api/sources/${id(source)}/devices/token`, { method: 'POST', query: { device } }),
      remove: (source: string, device: string) => json<void>(`/api/sources/${id(source)}/devices`, { method: 'DELETE', query: { device } }),
      quarantine: (source: string) => json<Stranger[]>(`/api/sources/${id(source)}/quarantine`),
    },
    verifications: {
      get: (verification: string) => json<VerificationDetail>(`/api/verifications/${id(verification)}`),
      cancel: (verification: string) => json<Verification>(`/api/verifications/${id(verification)}/cancel`, { method: 'POST' }),
    },
    runs: {
      list: (state?: string) => json<RunSummary[]>('/api/runs', { query: { state } }),
      get: (run: string) => json<Run>(`/api/runs/${id(run)}`),
      cancel: (run: string) => json<void>(`/api/runs/${id(run)}/cancel`, { method: 'POST' }),
      receipt: (run: string) => json<Receipt>(`/api/runs/${id(run)}/receipt`),
      /** The receipt's bytes exactly as the hub sent them, for saving: numbers must not pass through JavaScript. */
      receiptText: async (run: string) => (await send(`/api/runs/${id(run)}/receipt`)).text(),
      rejects: (run: string, query: { offset: number; limit: number; object?: string }) =>
        json<RejectPage>(`/api/runs/${id(run)}/rejects`, { query }),
      follow: (run: string, listener: RunListener) => follow(`${base}/api/runs/${id(run)}/events`, listener),
    },
    resources: {
      /** All that one may see of a resource, as a file; says how far it has come. Its making is stopped by {@link sql.stop}. */
      export: async (resource: string, wanted: { id: string; form: 'PARQUET' | 'ARROW'; grant?: string; caseNumber?: string; fields?: string[] }, onProgress: (progress: Progress) => void, signal?: AbortSignal) =>
        received(await send(`/api/resources/${id(resource)}/export`, { method: 'POST', body: wanted, signal }), onProgress),
      /** `completeness` may name several states, separated by commas. */
      list: (query: { q?: string; department?: string; level?: string; completeness?: string; offset?: number; limit?: number }, signal?: AbortSignal) =>
        json<ResourcePage>('/api/resources', { query, signal }),
      /** Every resource, page by page. */
      all: async (signal?: AbortSignal) => {
        const items: Resource[] = []
        for (;;) {
          const page = await json<ResourcePage>('/api/resources', { query: { offset: items.length, limit: 200 }, signal })
          items.push(...page.items)
          if (page.items.length === 0 || items.length >= page.total) return items
        }
      },
      get: (resource: string) => json<ResourceDetail>(`/api/resources/${id(resource)}`),
      schemas: (resource: string) => json<Schemas>(`/api/resources/${id(resource)}/schemas`),
      /** Takes note of the changes of one resource, or of all of a source. */
      schemasSeen: (of: { resource?: string; source?: string }) => json<void>('/api/resources/schemas/seen', { method: 'POST', query: of }),
      profile: (resource: string) => json<Profile>(`/api/resources/${id(resource)}/profile`),
      classification: (resource: string) => json<Classified>(`/api/resources/${id(resource)}/classification`),
      classify: (resource: string, decision: ClassDecision) => json<void>(`/api/resources/${id(resource)}/classification`, { method: 'POST', body: decision }),
      /** Takes the newest decision of a field back. */
      unclassify: (resource: string, field: string, after: number) => json<void>(`/api/resources/${id(resource)}/classification/undo`, { method: 'POST', body: { field, after } }),
      lineage: (resource: string, query: { direction?: 'UP' | 'DOWN' | 'BOTH'; depth?: number; column?: string } = {}) => json<LineageGraph>(`/api/resources/${id(resource)}/lineage`, { query }),
      impact: (resource: string, column: string) => json<Impact>(`/api/resources/${id(resource)}/impact`, { query: { column } }),
      preview: (resource: string, limit = 50) => json<Preview>(`/api/resources/${id(resource)}/preview`, { query: { limit } }),
    },
    quality: {
      board: () => json<QualityBoard>('/api/quality'),
      department: (department: string) => json<DepartmentQuality>(`/api/quality/departments/${id(department)}`),
      /** Takes up the proposals for all one answers for. */
      adoptAll: () => json<{ rules: number }>('/api/quality/adopt', { method: 'POST' }),
      resource: (resource: string) => json<ResourceQuality>(`/api/resources/${id(resource)}/quality`),
      adopt: (resource: string) => json<{ rules: number }>(`/api/resources/${id(resource)}/quality/adopt`, { method: 'POST' }),
      create: (resource: string, rule: RuleForm) => json<QualityRule>(`/api/resources/${id(resource)}/quality/rules`, { method: 'POST', body: rule }),
      /** Tries a rule on what there is now; nothing is kept. */
      attempt: (resource: string, rule: RuleForm) => json<RuleTrial>(`/api/resources/${id(resource)}/quality/attempt`, { method: 'POST', body: rule }),
      rule: (rule: string) => json<RuleDetail>(`/api/quality/rules/${id(rule)}`),
      change: (rule: string, edit: { seen: number; rule: RuleForm }) => json<QualityRule>(`/api/quality/rules/${id(rule)}`, { method: 'PUT', body: edit }),
      retire: (rule: string) => json<void>(`/api/quality/rules/${id(rule)}/retire`, { method: 'POST' }),
      run: (rule: string) => json<void>(`/api/quality/rules/${id(rule)}/run`, { method: 'POST' }),
      failing: (rule: string, limit = 50) => json<FailingRows>(`/api/quality/rules/${id(rule)}/failing`, { query: { limit } }),
    },
    tickets: {
      list: (query: { wanted: 'MINE' | 'OPEN' | 'CLOSED'; resource?: string }) => json<Ticket[]>('/api/tickets', { query }),
      get: (ticket: string) => json<TicketDetail>(`/api/tickets/${id(ticket)}`),
      open: (ticket: { resource: string; words: string; severity: Ticket['severity'] }) => json<TicketDetail>('/api/tickets', { method: 'POST', body: ticket }),
      dispatch: (ticket: string, to: { department: string; words: string | null }) => json<TicketDetail>(`/api/tickets/${id(ticket)}/dispatch`, { method: 'POST', body: to }),
      /** Takes a ticket one step on; some steps need words. */
      step: (ticket: string, step: 'accept' | 'begin' | 'return' | 'fix' | 'close', words?: string) => json<TicketDetail>(`/api/tickets/${id(ticket)}/${step}`, { method: 'POST', body: words === undefined ? undefined : { words } }),
    },
    peers: {
      card: () => json<PeerCard>('/api/exchange/card'),
      list: () => json<Peer[]>('/api/exchange/peers'),
      get: (peer: string) => json<Peer>(`/api/exchange/peers/${id(peer)}`),
      propose: (name: string, card: PeerCard) => json<Peer>('/api/exchange/peers', { method: 'POST', body: { name, card } }),
      replaceCard: (peer: string, card: PeerCard) => json<Peer>(`/api/exchange/peers/${id(peer)}/card`, { method: 'PUT', body: card }),
      confirm: (peer: string, fingerprint: string) => json<Peer>(`/api/exchange/peers/${id(peer)}/confirm`, { method: 'POST', body: { fingerprint } }),
      step: (peer: string, step: 'suspend' | 'resume' | 'end') => json<Peer>(`/api/exchange/peers/${id(peer)}/${step}`, { method: 'POST' }),
      offers: (peer: string, q: string) => json<PeerOffers>(`/api/exchange/peers/${id(peer)}/offers`, { query: { q } }),
      services: (peer: string) => json<PeerService[]>(`/api/exchange/peers/${id(peer)}/services`),
      grants: () => json<PeerGrant[]>('/api/exchange/grants'),
      applications: () => json<PeerApplication[]>('/api/exchange/applications'),
      begin: (peer: string, entries: string[]) => json<PeerApplication>('/api/exchange/applications', { method: 'POST', body: { peer, entries } }),
      application: (application: string) => json<PeerApplication>(`/api/exchange/applications/${id(application)}`),
      save: (application: string, written: { revision: number; asked: Asked }) => json<PeerApplication>(`/api/exchange/applications/${id(application)}`, { method: 'PUT', body: written }),
      applicationStep: (application: string, step: 'submit' | 'release' | 'return' | 'withdraw', words?: string) =>
        json<PeerApplication>(`/api/exchange/applications/${id(application)}/${step}`, { method: 'POST', body: step === 'return' ? { words } : undefined }),
      speak: (application: string, part: string, step: 'negotiate' | 'statements' | 'escalate', words: string) =>
        json<PeerApplication>(`/api/exchange/applications/${id(application)}/parts/${id(part)}/${step}`, { method: 'POST', body: { words } }),
    },
    mirrors: {
      list: (source?: string) => json<Mirror[]>('/api/exchange/mirrors', { query: { source } }),
      create: (wanted: { peer: string; grant: string; table: { namespace: string; name: string }; title: string; source: string }) => json<Mirror>('/api/exchange/mirrors', { method: 'POST', body: wanted }),
      ledger: (mirror: string) => json<MirrorLedger>(`/api/exchange/mirrors/${id(mirror)}/ledger`),
      step: (mirror: string, step: 'restart' | 'end') => json<Mirror>(`/api/exchange/mirrors/${id(mirror)}/${step}`, { method: 'POST' }),
    },
    exchange: {
      list: (grant: string) => json<Subscription[]>('/api/exchange/subscriptions', { query: { grant } }),
      create: (wanted: { grant: string; table: { namespace: string; name: string }; title: string; delivery: Subscription['delivery']; url: string | null; from: 'earliest' | 'latest' }) =>
        json<SubscriptionMade>('/api/exchange/subscriptions', { method: 'POST', body: wanted }),
      get: (subscription: string) => json<Subscription>(`/api/exchange/subscriptions/${id(subscription)}`),
      ledger: (subscription: string) => json<LedgerDay[]>(`/api/exchange/subscriptions/${id(subscription)}/ledger`),
      letters: (subscription: string) => json<DeadLetter[]>(`/api/exchange/subscriptions/${id(subscription)}/letters`),
      restart: (subscription: string, from: string) => json<Subscription>(`/api/exchange/subscriptions/${id(subscription)}/restart`, { method: 'POST', body: { from } }),
      step: (subscription: string, step: 'resume' | 'end') => json<Subscription>(`/api/exchange/subscriptions/${id(subscription)}/${step}`, { method: 'POST' }),
      move: (subscription: string, url: string) => json<Subscription>(`/api/exchange/subscriptions/${id(subscription)}/address`, { method: 'PUT', body: { url } }),
      rotate: (subscription: string) => json<SubscriptionMade>(`/api/exchange/subscriptions/${id(subscription)}/secret`, { method: 'POST' }),
      redeliver: (subscription: string, letter: string) => json<DeadLetter[]>(`/api/exchange/subscriptions/${id(subscription)}/letters/${id(letter)}/redeliver`, { method: 'POST' }),
      discard: (subscription: string, letter: string, words: string) => json<DeadLetter[]>(`/api/exchange/subscriptions/${id(subscription)}/letters/${id(letter)}/discard`, { method: 'POST', body: { words } }),
    },
    share: {
      cart: () => json<Offered[]>('/api/share/cart'),
      add: (entry: string) => json<Offered[]>(`/api/share/cart/${id(entry)}`, { method: 'PUT' }),
      addResource: (resource: string) => json<Offered[]>(`/api/share/cart/resources/${id(resource)}`, { method: 'PUT' }),
      remove: (entry: string) => json<Offered[]>(`/api/share/cart/${id(entry)}`, { method: 'DELETE' }),
      applications: (wanted: 'OWN' | 'WAITING' | 'ALL') => json<Application[]>('/api/share/applications', { query: { wanted } }),
      begin: () => json<ApplicationDetail>('/api/share/applications', { method: 'POST' }),
      application: (application: string) => json<ApplicationDetail>(`/api/share/applications/${id(application)}`),
      save: (application: string, written: { revision: number; asked: Asked }) => json<ApplicationDetail>(`/api/share/applications/${id(application)}`, { method: 'PUT', body: written }),
      /** Takes an application one step on; some steps need words. */
      step: (application: string, step: 'submit' | 'withdraw' | 'return' | 'pass' | 'refuse', said?: { words: string | null; legalBasis?: string }) =>
        json<ApplicationDetail>(`/api/share/applications/${id(application)}/${step}`, { method: 'POST', body: said }),
      /** Answers one part. */
      answer: (part: string, answer: 'grant' | 'reject' | 'negotiate' | 'statements' | 'escalate', said: { words: string | null; legalBasis?: string; terms?: Terms | null }) =>
        json<ApplicationDetail>(`/api/share/parts/${id(part)}/${answer}`, { method: 'POST', body: said }),
      grants: (of: 'RECEIVED' | 'GIVEN' | 'ALL') => json<Grant[]>('/api/share/grants', { query: { of } }),
      grant: (grant: string) => json<GrantDetail>(`/api/share/grants/${id(grant)}`),
      attachments: (application: string) => json<Attachment[]>(`/api/share/applications/${id(application)}/attachments`),
      attach: (application: string, file: File) => json<Attachment[]>(`/api/share/applications/${id(application)}/attachments`, { method: 'POST', query: { name: file.name }, file }),
      detach: (application: string, attachment: string) => json<Attachment[]>(`/api/share/applications/${id(application)}/attachments/${id(attachment)}`, { method: 'DELETE' }),
      grantStep: (grant: string, step: 'suspend' | 'resume' | 'revoke', words: string) => json<GrantDetail>(`/api/share/grants/${id(grant)}/${step}`, { method: 'POST', body: { words } }),
      change: (grant: string, changed: { terms: Terms; words: string }) => json<GrantDetail>(`/api/share/grants/${id(grant)}/change`, { method: 'POST', body: changed }),
      renew: (grant: string) => json<ApplicationDetail>(`/api/share/grants/${id(grant)}/renew`, { method: 'POST' }),
      readers: (resource: string) => json<Reading[]>(`/api/resources/${id(resource)}/readers`),
    },
    services: {
      list: () => json<DataService[]>('/api/services'),
      get: (service: string) => json<ServiceDetail>(`/api/services/${id(service)}`),
      create: (service: { name: string; definition: ServiceDefinition }) => json<ServiceDetail>('/api/services', { method: 'POST', body: service }),
      /** Says what fields a definition gives. */
      complete: (definition: ServiceDefinition) => json<ServiceDefinition>('/api/services/complete', { method: 'POST', body: { definition } }),
      next: (service: string) => json<ServiceDetail>(`/api/services/${id(service)}/versions`, { method: 'POST' }),
      save: (service: string, version: number, edit: { revision: number; definition: ServiceDefinition }) => json<ServiceDetail>(`/api/services/${id(service)}/v${version}`, { method: 'PUT', body: edit }),
      publish: (service: string, version: number) => json<ServiceDetail>(`/api/services/${id(service)}/v${version}/publish`, { method: 'POST' }),
      deprecate: (service: string, version: number, sunsetAt: string) => json<ServiceDetail>(`/api/services/${id(service)}/v${version}/deprecate`, { method: 'POST', body: { sunsetAt } }),
      retire: (service: string, version: number) => json<ServiceDetail>(`/api/services/${id(service)}/v${version}/retire`, { method: 'POST' }),
      mock: (service: string, version: number) => json<ServiceAnswer>(`/api/services/${id(service)}/v${version}/mock`),
      /** Headers carry ASCII: what is not goes percent-encoded. */
      attempt: (service: string, version: number, query: Record<string, string>, errand: { grant: string; operator: string; case: string; scenario: string }) =>
        json<ServiceAnswer>(`/api/services/${id(service)}/v${version}/try`, {
          query,
          headers: Object.fromEntries(
            [['X-Grant', errand.grant], ['X-Operator', errand.operator], ['X-Case', errand.case], ['X-Scenario', errand.scenario]].filter(([, said]) => said !== '').map(([name, said]) => [name, encodeURIComponent(said!)]),
          ),
        }),
    },
    clients: {
      list: () => json<ServiceClient[]>('/api/clients'),
      register: (client: { id: string; title: string; department: string | null; scopes: ClientScope[] } & ClientCredential) => json<ClientGiven>('/api/clients', { method: 'POST', body: client }),
      addCredential: (client: string, credential: ClientCredential) => json<ClientGiven>(`/api/clients/${id(client)}/credentials`, { method: 'POST', body: credential }),
      setScopes: (client: string, scopes: ClientScope[]) => json<ServiceClient>(`/api/clients/${id(client)}/scopes`, { method: 'PUT', body: { scopes } }),
      revokeCredential: (client: string, credential: string) => json<ServiceClient>(`/api/clients/${id(client)}/credentials/${id(credential)}`, { method: 'DELETE' }),
      revoke: (client: string) => json<ServiceClient>(`/api/clients/${id(client)}/revoke`, { method: 'POST' }),
    },
    /** The keys that sign tokens, and those that sign what goes to peers. */
    signingKeys: {
      list: (ring: 'TOKENS' | 'PEERS') => json<SigningKey[]>(ring === 'TOKENS' ? '/api/signing-keys' : '/api/exchange/keys'),
      rotate: (ring: 'TOKENS' | 'PEERS') => json<SigningKey[]>(`${ring === 'TOKENS' ? '/api/signing-keys' : '/api/exchange/keys'}/rotate`, { method: 'POST' }),
    },
    objections: {
      list: (wanted: 'OPEN' | 'CLOSED') => json<Objection[]>('/api/objections', { query: { wanted } }),
      get: (objection: string) => json<ObjectionDetail>(`/api/objections/${id(objection)}`),
      accept: (objection: string) => json<ObjectionDetail>(`/api/objections/${id(objection)}/accept`, { method: 'POST' }),
      step: (objection: string, step: 'refuse' | 'archive', words: string) => json<ObjectionDetail>(`/api/objections/${id(objection)}/${step}`, { method: 'POST', body: { words } }),
      handle: (objection: string, handled: { result: 'CORRECTED' | 'STANDS'; words: string }) => json<ObjectionDetail>(`/api/objections/${id(objection)}/handle`, { method: 'POST', body: handled }),
    },
    /** What the city holds about whoever asks. */
    my: {
      entries: () => json<OwnEntry[]>('/api/my/entries'),
      records: (entry: string) => json<OwnRecord[]>(`/api/my/entries/${id(entry)}/records`),
      objections: () => json<Objection[]>('/api/my/objections'),
      objection: (objection: string) => json<ObjectionDetail>(`/api/my/objections/${id(objection)}`),
      raise: (objection: { entry: string; record: string; item: string; should: string; reason: string }) => json<ObjectionDetail>('/api/my/objections', { method: 'POST', body: objection }),
      withdraw: (objection: string) => json<ObjectionDetail>(`/api/my/objections/${id(objection)}/withdraw`, { method: 'POST' }),
      holdings: () => json<Holding[]>('/api/my/holdings'),
      /** @param month 2026-11; without one the present month */
      footprints: (month?: string) => json<Timeline>('/api/my/footprints', { query: month ? { month } : {} }),
      proof: (access: number) => json<ReadProof>(`/api/my/footprints/${access}/proof`),
      ask: (access: number, words: string) => json<Question>(`/api/my/footprints/${access}/question`, { method: 'POST', body: { words } }),
      questions: () => json<Question[]>('/api/my/questions'),
    },
    footprints: {
      questions: () => json<Question[]>('/api/footprints/questions'),
      answer: (question: string, words: string) => json<Question>(`/api/footprints/questions/${id(question)}/answer`, { method: 'POST', body: { words } }),
      delays: () => json<Delay[]>('/api/footprints/delays'),
      delay: (delay: NewDelay) => json<{ id: string }>('/api/footprints/delays', { method: 'POST', body: delay }),
      end: (delay: string) => json<void>(`/api/footprints/delays/${id(delay)}/end`, { method: 'POST' }),
      withheld: () => json<WithheldResource[]>('/api/footprints/withheld'),
      withhold: (resource: string, law: { law: string; reason: string }) => json<void>(`/api/resources/${id(resource)}/withheld`, { method: 'PUT', body: law }),
      show: (resource: string) => json<void>(`/api/resources/${id(resource)}/withheld`, { method: 'DELETE' }),
    },
    /** What everybody may see without a sign-in. */
    open: {
      search: (query: { q?: string; offset?: number; limit?: number }, signal?: AbortSignal) => json<Datasets>('/api/open/datasets', { query, signal }),
      get: (dataset: string, signal?: AbortSignal) => json<DatasetWhole>(`/api/open/datasets/${id(dataset)}`, { signal }),
      declare: (entry: string, statistic: { dimensions: string[]; counts: string[]; threshold: number | null }) => json<void>(`/api/directory/${id(entry)}/statistic`, { method: 'PUT', body: statistic }),
      rows: (dataset: string, query: { offset?: number; limit?: number }, signal?: AbortSignal) => json<OpenRows>(`/api/open/datasets/${id(dataset)}/rows`, { query, signal }),
    },
    zones: {
      list: () => json<Zone[]>('/api/zones'),
      candidates: (department: string) => json<ZoneCandidates>('/api/zones/candidates', { query: { department } }),
      begin: (begun: { department: string; zone: ZoneWanted }) => json<Zone>('/api/zones', { method: 'POST', body: begun }),
      get: (zone: string) => json<Zone>(`/api/zones/${id(zone)}`),
      change: (zone: string, changed: { revision: number; zone: ZoneWanted }) => json<Zone>(`/api/zones/${id(zone)}`, { method: 'PUT', body: changed }),
      revoke: (zone: string, words: string) => json<Zone>(`/api/zones/${id(zone)}/revoke`, { method: 'POST', body: { words } }),
      runs: (zone: string) => json<ZoneRun[]>(`/api/zones/${id(zone)}/runs`),
      run: (zone: string, run: { statement: string; kind: 'RECORDS' | 'STATISTIC'; columns: Record<string, DeclaredAs> }) => json<ZoneRun>(`/api/zones/${id(zone)}/runs`, { method: 'POST', body: run }),
      releases: (zone: string) => json<Release[]>(`/api/zones/${id(zone)}/releases`),
      reviews: () => json<ZoneReview[]>('/api/zones/reviews'),
      getRun: (run: string) => json<ZoneRun>(`/api/zone-runs/${id(run)}`),
      submit: (run: string, words: string) => json<ZoneRun>(`/api/zone-runs/${id(run)}/submit`, { method: 'POST', body: { words } }),
      discard: (run: string) => json<ZoneRun>(`/api/zone-runs/${id(run)}/discard`, { method: 'POST' }),
      /** That somebody looked is written down first. */
      sample: (run: string) => json<ZoneSample>(`/api/zone-runs/${id(run)}/sample`, { method: 'POST' }),
      approve: (run: string, said: { words: string; acknowledged: CheckOf[] }) => json<Release>(`/api/zone-runs/${id(run)}/approve`, { method: 'POST', body: said }),
      refuse: (run: string, said: { words: string; legalBasis: string }) => json<ZoneRun>(`/api/zone-runs/${id(run)}/refuse`, { method: 'POST', body: said }),
      manifest: async (release: string) => (await send(`/api/releases/${id(release)}/manifest`)).blob(),
      file: async (release: string) => (await send(`/api/releases/${id(release)}/file`)).blob(),
      recognise: (text: string) => json<Recognised[]>('/api/releases/recognise', { method: 'POST', body: { text } }),
    },
    products: {
      list: () => json<Product[]>('/api/products'),
      register: (registered: { zone: string; product: ProductWanted }) => json<Product>('/api/products', { method: 'POST', body: registered }),
      publish: (product: string, revision: number) => json<Product>(`/api/products/${id(product)}/publish`, { method: 'POST', body: { revision } }),
      withdraw: (product: string, words: string) => json<Product>(`/api/products/${id(product)}/withdraw`, { method: 'POST', body: { words } }),
      /** Without a sign-in. */
      open: () => json<Product[]>('/api/open/products'),
    },
    value: {
      get: (days: number) => json<Value>('/api/value', { query: { days } }),
      export: async (days: number) => (await send('/api/value/export', { query: { days } })).blob(),
    },
    profileAlarms: {
      list: (query: { state?: string; resource?: string; offset?: number; limit?: number }, signal?: AbortSignal) => json<ProfileAlarmPage>('/api/profile-alarms', { query, signal }),
      see: (alarm: number) => json<void>(`/api/profile-alarms/${alarm}/seen`, { method: 'POST' }),
      settle: (alarm: number, note: string) => json<void>(`/api/profile-alarms/${alarm}/settle`, { method: 'POST', body: { note } }),
    },
    /** One box for all; conditions are values of facets, with commas between them. */
    search: (query: Record<string, string | number>, signal?: AbortSignal) => json<FoundPage>('/api/search', { query, signal }),
    directory: {
      list: (query: { q?: string; state?: string; department?: string; shareClass?: string; theme?: string; concern?: string; offset?: number; limit?: number }, signal?: AbortSignal) =>
        json<EntryPage>('/api/directory', { query, signal }),
      get: (entry: string) => json<EntryDetail>(`/api/directory/${id(entry)}`),
      versions: (entry: string) => json<EntryVersion[]>(`/api/directory/${id(entry)}/versions`),
      save: (entry: string, edit: { revision: number; statement: EntryStatement }) => json<EntryDetail>(`/api/directory/${id(entry)}`, { method: 'PUT', body: edit }),
      /** Of data that is not collected yet, or anew of what a retired entry was about. */
      create: (wanted: { resource: string | null; statement: EntryStatement }) => json<EntryDetail>('/api/directory', { method: 'POST', body: wanted }),
      /** Says what a filled form would change, or does it. */
      bringIn: (file: Blob, dryRun: boolean) => json<FormReport>('/api/directory/import', { method: 'POST', query: { dryRun: String(dryRun) }, file }),
      /** Takes an entry one step on; `words` say why. */
      step: (entry: string, act: EntryAct, step: { revision: number; words: string | null }) =>
        json<EntryDetail>(`/api/directory/${id(entry)}/${act.toLowerCase()}`, { method: 'POST', body: step }),
    },
    data: {
      list: () => json<Datum[]>('/api/data'),
      candidates: () => json<DatumCandidate[]>('/api/data/candidates'),
      name: (datum: { name: string; subject: string; claims: ItemRef[]; authority: ItemRef; words: string }) => json<Datum>('/api/data', { method: 'POST', body: datum }),
      /** Says that an item is not the datum after all. */
      withdraw: (datum: string, withdrawn: { claim: ItemRef; words: string }) => json<Datum>(`/api/data/${id(datum)}/withdrawals`, { method: 'POST', body: withdrawn }),
      nameAuthority: (datum: string, named: { claims: ItemRef[]; authority: ItemRef; words: string }) => json<Datum>(`/api/data/${id(datum)}`, { method: 'PUT', body: named }),
    },
    ledger: {
      list: (query: { kind?: string; q?: string }) => json<LedgerPage>('/api/ledger', { query }),
      add: (wanted: { department: string; item: LedgerItemWritten }) => json<LedgerItem>('/api/ledger', { method: 'POST', body: wanted }),
      change: (item: string, edit: { revision: number; item: LedgerItemWritten }) => json<LedgerItem>(`/api/ledger/${id(item)}`, { method: 'PUT', body: edit }),
      projects: () => json<Project[]>('/api/ledger/projects'),
      project: (project: string) => json<Project>(`/api/ledger/projects/${id(project)}`),
      register: (wanted: { department: string; project: ProjectWanted }) => json<Project>('/api/ledger/projects', { method: 'POST', body: wanted }),
    },
    mappings: {
      list: () => json<Mapping[]>('/api/mappings'),
      get: (table: string) => json<MappingDetail>(`/api/mappings/${id(table)}`),
      /** Keeps a text as its mapping's newest version. */
      apply: (text: string) => json<MappingDetail>('/api/mappings', { method: 'POST', body: { text } }),
      /** Tries a text; nothing of it is kept. */
      check: (text: string) => json<MappingCheck>('/api/mappings/check', { method: 'POST', body: { text } }),
      /** One record by its key, and who said each of its values. */
      record: (table: string, key: Record<string, string>) => json<GoldenRecord>(`/api/mappings/${id(table)}/record`, { method: 'POST', body: { key } }),
      run: (table: string) => json<void>(`/api/mappings/${id(table)}/run`, { method: 'POST' }),
      retire: (table: string, reason: string) => json<void>(`/api/mappings/${id(table)}/retire`, { method: 'POST', body: { reason } }),
    },
    divisions: {
      list: (query: { parent?: string; q?: string; asOf?: string }, signal?: AbortSignal) => json<DivisionRow[]>('/api/divisions', { query, signal }),
      get: (code: string, asOf?: string) => json<DivisionDetail>(`/api/divisions/${id(code)}`, { query: { asOf } }),
    },
    organisation: {
      departments: (asOf?: string) => json<DepartmentEntry[]>('/api/organisation/departments', { query: { asOf } }),
      department: (department: string, asOf?: string) => json<DepartmentDetail>(`/api/organisation/departments/${id(department)}`, { query: { asOf } }),
      export: async (kind: ImportKind) => (await send(`/api/organisation/export/${kind}`)).blob(),
      /** An empty workbook, a sheet for each kind. */
      template: async () => (await send('/api/organisation/template')).blob(),
      /** What a spreadsheet would change; nothing is written. */
      plan: (kind: ImportKind, file: File) => json<ImportPlan>(`/api/organisation/import/${kind}`, { method: 'POST', file, fileType: sheetType(file) }),
      apply: (kind: ImportKind, file: File, token: string) => json<ImportPlan>(`/api/organisation/import/${kind}/apply`, { method: 'POST', file, fileType: sheetType(file), query: { token } }),
    },
    accounts: {
      list: () => json<AccountEntry[]>('/api/accounts'),
      /** The first password comes this once. */
      create: (account: { username: string; displayName: string; departmentId: string | null }) => json<Invitation>('/api/accounts', { method: 'POST', body: account }),
      change: (username: string, edit: { displayName: string; departmentId: string | null }) => json<void>(`/api/accounts/${id(username)}`, { method: 'PUT', body: edit }),
      disable: (username: string) => json<void>(`/api/accounts/${id(username)}/disable`, { method: 'POST' }),
      enable: (username: string) => json<void>(`/api/accounts/${id(username)}/enable`, { method: 'POST' }),
      /** Says whom a resident's account is about, before it becomes one. */
      bindResident: (username: string, number: string) => json<void>(`/api/accounts/${id(username)}/resident`, { method: 'PUT', body: { number } }),
      resetPassword: (username: string) => json<Invitation>(`/api/accounts/${id(username)}/password`, { method: 'POST' }),
      /** With the code a person has read out, where a duty is new to them. */
      setRoles: (username: string, roles: Role[], presence?: string) => json<void>(`/api/accounts/${id(username)}/roles`, { method: 'PUT', body: { roles, ...(presence ? { presence } : {}) } }),
      unlock: (username: string) => json<void>(`/api/accounts/${id(username)}/unlock`, { method: 'POST' }),
      resetSecondFactor: (username: string) => json<void>(`/api/accounts/${id(username)}/second-factor`, { method: 'DELETE' }),
      identities: (username: string) => json<Identity[]>(`/api/accounts/${id(username)}/identities`),
      bind: (username: string, identity: { issuer: string; subject: string }) => json<void>(`/api/accounts/${id(username)}/identities`, { method: 'POST', body: identity }),
      unbind: (username: string, identity: { issuer: string; subject: string }) =>
        json<void>(`/api/accounts/${id(username)}/identities`, { method: 'DELETE', query: { issuer: identity.issuer, subject: identity.subject } }),
      /** Who was vouched for and has no account. */
      newcomers: () => json<Newcomer[]>('/api/identities/newcomers'),
    },
    audit: {
      list: (query: { actor?: string; act?: Act; subject?: string; before?: number; limit?: number }) => json<AuditEntry[]>('/api/audit', { query }),
      verify: () => json<AuditVerdict>('/api/audit/verification', { method: 'POST' }),
    },
    evidence: {
      state: () => json<EvidenceState>('/api/evidence'),
      holds: () => json<EvidenceHold[]>('/api/evidence/holds'),
      hold: (body: { from: string; until: string; reason: string }) => json<EvidenceHold>('/api/evidence/holds', { method: 'POST', body }),
      release: (hold: string, reason: string) => json<EvidenceHold>(`/api/evidence/holds/${id(hold)}/release`, { method: 'POST', body: { reason } }),
    },
    fleet: (query: { q?: string; department?: string; state?: string }, signal?: AbortSignal) => json<Fleet>('/api/fleet', { query, signal }),
    calendar: {
      get: (year: number) => json<CalendarDay[]>(`/api/calendar/${year}`),
      set: (year: number, days: CalendarDay[]) => json<CalendarDay[]>(`/api/calendar/${year}`, { method: 'PUT', body: days }),
    },
    sql: {
      /** `id` is what {@link stop} knows it by. */
      run: (query: { id: string; sql: string; asOf?: string; limit?: number; grant?: string; caseNumber?: string }) => json<SqlResult>('/api/sql', { method: 'POST', body: query }),
      /** Ends a query of one's own in the lake's engine: its call is then refused as `catalog.sql_stopped`. Outlives the page. */
      stop: (query: string) => json<void>(`/api/sql/${id(query)}`, { method: 'DELETE', keepalive: true }),
      exportAs: async (format: 'csv' | 'parquet' | 'arrow', query: { id: string; sql: string; asOf?: string; grant?: string; caseNumber?: string }) =>
        (await send('/api/sql/export', { method: 'POST', body: query, query: { format } })).blob(),
      saved: (signal?: AbortSignal) => json<SavedQuery[]>('/api/sql/saved', { signal }),
      save: (query: QueryToSave) => json<SavedQuery>('/api/sql/saved', { method: 'POST', body: query }),
      change: (saved: string, query: QueryToSave) => json<SavedQuery>(`/api/sql/saved/${id(saved)}`, { method: 'PUT', body: query }),
      forget: (saved: string) => json<void>(`/api/sql/saved/${id(saved)}`, { method: 'DELETE' }),
    },
  }
}

/** Of a file on its way: bytes so far, and how many it has. */
export interface Progress {
  received: number
  total: number
}

async function received(response: Response, onProgress: (progress: Progress) => void): Promise<{ file: Blob; rows: number }> {
  const total = Number(response.headers.get('Content-Length') ?? 0)
  const rows = Number(response.headers.get('Qiantang-Rows') ?? 0)
  const parts: Uint8Array<ArrayBuffer>[] = []
  let taken = 0
  onProgress({ received: 0, total })
  const reader = response.body!.getReader()
  for (;;) {
    let part
    try {
      part = await reader.read()
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
      throw new OfflineError(cause)
    }
    if (part.done) break
    parts.push(part.value)
    taken += part.value.length
    onProgress({ received: taken, total })
  }
  // Half of a file is none.
  if (total > 0 && taken !== total) throw new OfflineError(new Error(`${taken} of ${total} bytes`))
  return { file: new Blob(parts), rows }
}

/** Browsers do not agree on what a spreadsheet is; its name says it. */
const sheetType = (file: File): string => (/\.xlsx$/i.test(file.name) ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv')

interface ItemRef {
  entry: string
  item: string
}

export interface RunListener {
  run: (run: RunSummary) => void
  object: (object: RunObject) => void
  end: () => void
  /** The line was lost; the browser tries again by itself. */
  lost?: () => void
}

/** Follows a run until it ends; returns how to stop following. */
function follow(url: string, listener: RunListener): () => void {
  const events = new EventSource(url)
  events.addEventListener('run', (event) => listener.run(JSON.parse((event as MessageEvent<string>).data) as RunSummary))
  events.addEventListener('object', (event) => listener.object(JSON.parse((event as MessageEvent<string>).data) as RunObject))
  events.addEventListener('end', () => {
    events.close()
    listener.end()
  })
  events.onerror = () => listener.lost?.()
  return () => events.close()
}
