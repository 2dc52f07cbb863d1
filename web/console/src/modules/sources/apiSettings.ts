import type { SourcePreview } from '@qiantang/api'

export type Auth = 'none' | 'header' | 'bearer' | 'query' | 'basic' | 'oauth2' | 'hmac'
export const AUTHS: Auth[] = ['none', 'header', 'bearer', 'query', 'basic', 'oauth2', 'hmac']
export type Step = '' | 'NONE' | 'PAGE' | 'OFFSET' | 'CURSOR' | 'LINK'
export const STEPS: Step[] = ['', 'NONE', 'PAGE', 'OFFSET', 'CURSOR', 'LINK']

/** One list of an API as the form has it: every field is text, and what is empty is left to be found. */
export interface ListDraft {
  name: string
  path: string
  method: 'GET' | 'POST'
  body: string
  repeatable: boolean
  records: string
  total: string
  step: Step
  param: string
  sizeParam: string
  size: string
  first: string
  next: string
  unique: boolean
  okAt: string
  okIs: string
  sinceParam: string
  sinceField: string
  sinceKey: string
  sinceFormat: string
  /** What the settings say of the list that the form has no field for; it is sent back as it came. */
  rest: Record<string, unknown>
}

/** How an API is spoken to, as the form has it. The key is not here: it is typed into the password field. */
export interface ApiDraft {
  auth: Auth
  values: Record<string, string>
  lists: ListDraft[]
}

export const blankList = (): ListDraft => ({
  name: '',
  path: '',
  method: 'GET',
  body: '',
  repeatable: false,
  records: '',
  total: '',
  step: '',
  param: '',
  sizeParam: '',
  size: '',
  first: '',
  next: '',
  unique: false,
  okAt: '',
  okIs: '',
  sinceParam: '',
  sinceField: '',
  sinceKey: '',
  sinceFormat: 'yyyy-MM-dd HH:mm:ss',
  rest: {},
})
export const blankApi = (): ApiDraft => ({ auth: 'none', values: {}, lists: [blankList()] })

export const needsUsername = (api: ApiDraft): boolean => ['basic', 'oauth2', 'hmac'].includes(api.auth)
export const needsPassword = (api: ApiDraft): boolean => api.auth !== 'none'

/** Ready-made ways to sign, as government gateways publish them. */
export const SIGNATURES: Record<string, Record<string, string>> = {
  sha256: { algorithm: 'HMAC_SHA256', encoding: 'HEX', canonical: '{timestamp}{nonce}{body}' },
  sm3: { algorithm: 'HMAC_SM3', encoding: 'HEX', canonical: '{timestamp}{nonce}{body}' },
  sm3base64: { algorithm: 'HMAC_SM3', encoding: 'BASE64', canonical: '{timestamp}{nonce}{body}' },
  tif: {
    algorithm: 'SHA256',
    encoding: 'HEX',
    canonical: '{timestamp}{secret}{nonce}{timestamp}',
    idHeader: 'x-tif-paasid',
    timestampHeader: 'x-tif-timestamp',
    nonceHeader: 'x-tif-nonce',
    signatureHeader: 'x-tif-signature',
  },
}

const OF: Record<Auth, string[]> = {
  none: [],
  header: ['authName'],
  bearer: [],
  query: ['authName'],
  basic: [],
  oauth2: ['tokenUrl', 'scope', 'clientAuth'],
  hmac: ['algorithm', 'canonical', 'encoding', 'timestampUnit', 'idHeader', 'timestampHeader', 'nonceHeader', 'signatureHeader'],
}
const LIMITS = ['requestsPerSecond', 'concurrency', 'timeoutSeconds', 'allowPlain', 'retries', 'backoffMillis', 'pageMegabytes']

const words = (text: string): string[] =>
  text
    .split(/[,，]/)
    .map((word) => word.trim())
    .filter(Boolean)
const number = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined)
/** Without what is undefined or empty; a member of which nothing is left is left out as well. */
const lean = (all: Record<string, unknown>): Record<string, unknown> | undefined => {
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== '' && value !== false))
  return Object.keys(kept).length ? kept : undefined
}

const part = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})

/** The list in the words of the settings; undefined when nothing is said of it that could not be found. */
function listOf(list: ListDraft): Record<string, unknown> | undefined {
  const post = list.method === 'POST'
  return lean({
    ...list.rest,
    name: list.name.trim(),
    path: list.path.trim(),
    method: post ? 'POST' : undefined,
    body: post ? list.body : undefined,
    repeatable: post && list.repeatable,
    records: list.records.trim(),
    total: list.total.trim(),
    paging: list.step && lean({ ...part(list.rest.paging), step: list.step, param: list.param.trim(), sizeParam: list.sizeParam.trim(), size: number(list.size), first: number(list.first), next: list.next.trim() }),
    unique: list.unique,
    ok: list.okAt.trim() && { at: list.okAt.trim(), is: words(list.okIs) },
    since: list.sinceParam.trim() && { ...part(list.rest.since), param: list.sinceParam.trim(), field: list.sinceField.trim(), key: words(list.sinceKey), format: list.sinceFormat },
  })
}

/** What is sent: known settings only, and no list when the address alone says it. */
export function settingsOf(api: ApiDraft): Record<string, string> {
  const settings: Record<string, string> = {}
  if (api.auth !== 'none') settings.auth = api.auth
  for (const key of [...OF[api.auth], ...LIMITS]) {
    const value = api.values[key]?.trim()
    if (value) settings[key] = value
  }
  const lists = api.lists.map(listOf).filter((list) => list !== undefined)
  if (lists.length) settings.resources = JSON.stringify(lists.map((list, i) => (list.name ? list : { name: i ? `list_${i + 1}` : 'records', ...list })))
  return settings
}

/** The form of saved settings; whatever it has no field for is kept aside and sent back. */
export function draftOf(settings: Record<string, string>): ApiDraft {
  const { auth, resources, ...values } = settings
  const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value))
  const joined = (value: unknown): string => (Array.isArray(value) ? value.map(text).join(', ') : text(value))
  const lists = resources ? (JSON.parse(resources) as Record<string, unknown>[]) : []
  return {
    auth: AUTHS.find((one) => one === auth) ?? 'none',
    values,
    lists: lists.length
      ? lists.map((list) => {
          const [paging, since, ok] = [part(list.paging), part(list.since), part(list.ok)]
          return {
            ...blankList(),
            name: text(list.name),
            path: text(list.path),
            method: list.method === 'POST' ? 'POST' : 'GET',
            body: text(list.body),
            repeatable: list.repeatable === true,
            records: text(list.records),
            total: text(list.total),
            step: text(paging.step) as Step,
            param: text(paging.param),
            sizeParam: text(paging.sizeParam),
            size: text(paging.size),
            first: text(paging.first),
            next: text(paging.next),
            unique: list.unique === true,
            okAt: text(ok.at),
            okIs: joined(ok.is),
            sinceParam: text(since.param),
            sinceField: text(since.field),
            sinceKey: joined(since.key),
            sinceFormat: text(since.format) || blankList().sinceFormat,
            rest: list,
          }
        })
      : [blankList()],
  }
}

/** Fills in what a test found, over what is empty only; "" is a place too: the top of the answer. */
export function fillFound(api: ApiDraft, previews: SourcePreview[]): ApiDraft {
  const lists = api.lists.map((list, i) => {
    const preview = previews.find((one) => one.object === list.name) ?? (api.lists.length === previews.length ? previews[i] : undefined)
    if (!preview) return list
    const found = JSON.parse(preview.found) as { name: string; records?: string; total?: string | null; paging?: Record<string, unknown> | null }
    const paging = found.paging ?? {}
    const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value))
    return {
      ...list,
      name: list.name || found.name,
      records: list.records || text(found.records),
      total: list.total || text(found.total),
      ...(list.step
        ? {}
        : {
            step: text(paging.step) as Step,
            param: text(paging.param),
            sizeParam: text(paging.sizeParam),
            size: text(paging.size),
            first: text(paging.first),
            next: text(paging.next),
          }),
    }
  })
  return { ...api, lists }
}
