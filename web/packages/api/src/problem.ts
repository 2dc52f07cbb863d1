/** Why a call did not succeed, in words a person can act on. The hub sends it as RFC 9457 problem+json. */
export interface Problem {
  status: number
  code: string
  zh: string
  en: string
  traceId: string | null
  /** What the hub says of single fields of a form, by field name. */
  fields: Record<string, { zh: string; en: string }>
  /** Everything the hub sent, for the few callers that know more members (the position of an SQL error, the running run). */
  extra: Record<string, unknown>
}

/** The hub refused, with its reason. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.en}`)
    this.name = 'ProblemError'
  }
  get code(): string {
    return this.problem.code
  }
  get status(): number {
    return this.problem.status
  }
  sentence(locale: string): string {
    return locale.startsWith('zh') ? this.problem.zh : this.problem.en
  }
}

/** The hub could not be reached at all. */
export class OfflineError extends Error {
  constructor(cause?: unknown) {
    super('The hub cannot be reached', { cause })
    this.name = 'OfflineError'
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What to say when the answer carried no problem: still a sentence with what to do, never "unknown error". */
function fallback(status: number): { code: string; zh: string; en: string } {
  if (status === 401) return { code: 'org.not_signed_in', zh: '您还没有登录，或登录已过期。请重新登录。', en: 'You are not signed in, or your session has ended. Sign in again.' }
  if (status === 403) return { code: 'org.forbidden', zh: '您的账号没有做这件事的权限。请联系数据局工程师授权。', en: 'Your account may not do this. Ask a data bureau engineer to grant it.' }
  if (status === 404) return { code: 'web.not_found', zh: '没有找到这一项，它可能已被删除。请返回列表重新选择。', en: 'This item was not found; it may have been deleted. Go back to the list.' }
  if (status === 502 || status === 503 || status === 504)
    return { code: 'web.hub_unavailable', zh: '平台正在启动或暂时不可用。请稍候再试。', en: 'The platform is starting or briefly unavailable. Try again in a moment.' }
  return { code: `web.http_${status}`, zh: `平台没有完成这个请求（HTTP ${status}）。请再试一次；若仍失败，把代码告诉工程师。`, en: `The platform did not complete the request (HTTP ${status}). Try again; if it still fails, quote the code to an engineer.` }
}

/** Maps the body of a failed answer, whatever it is, to a problem. */
export function problemOf(status: number, body: unknown): Problem {
  const other = fallback(status)
  if (!isObject(body)) return { status, ...other, traceId: null, fields: {}, extra: {} }
  const detail = text(body.detail) || text(body.title)
  const fields: Problem['fields'] = {}
  const raw = body.fields ?? body.errors
  if (Array.isArray(raw)) {
    for (const item of raw) {
      if (isObject(item) && text(item.field)) {
        const words = text(item.detail) || text(item.message)
        fields[text(item.field)] = { zh: text(item.zh) || words, en: text(item.en) || words }
      }
    }
  } else if (isObject(raw)) {
    for (const [field, item] of Object.entries(raw)) {
      if (isObject(item)) fields[field] = { zh: text(item.zh), en: text(item.en) }
      else if (typeof item === 'string') fields[field] = { zh: item, en: item }
    }
  } else if (text(body.field)) {
    fields[text(body.field)] = { zh: text(body.zh) || detail, en: text(body.en) || detail }
  }
  return {
    status: typeof body.status === 'number' ? body.status : status,
    code: text(body.code) || other.code,
    zh: text(body.zh) || detail || other.zh,
    en: text(body.en) || detail || other.en,
    traceId: text(body.traceId) || null,
    fields,
    extra: body,
  }
}
