import { readFile } from 'node:fs/promises'

/**
 * Calls a data service with fetch and the platform's own cryptography: proves which client it is by its private key, goes through all pages
 * as JSON, waits where it is too fast, and does not fetch again what has not changed. Of a subscription (`/feeds/…`) it takes what has
 * changed, acknowledges each batch once it is printed, and goes on there the next time.
 *
 *     node service-client.ts https://data.example.gov.cn my-client key.pem '/services/residents/v1?area=330106001'
 */
interface Page {
  rows: Record<string, string | number | boolean | null>[]
  next: string | null
}

interface Batch {
  events: { type: string; data: Record<string, unknown> }[]
  position: string
  more: boolean
}

const encoder = new TextEncoder()
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

export class ServiceClient {
  private token = ''
  private tokenEnds = 0

  constructor(
    private readonly hub: string,
    private readonly client: string,
    private readonly key: CryptoKey,
  ) {}

  static async of(hub: string, client: string, pem: string): Promise<ServiceClient> {
    const pkcs8 = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64')
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    return new ServiceClient(hub, client, key)
  }

  /** One page; null when it is still the one of this ETag. Waits and asks again where the hub says that it is too fast. */
  async get(path: string, known?: string): Promise<{ page: Page | null; etag: string | null }> {
    for (;;) {
      const headers: Record<string, string> = {
        Authorization: `Bearer ${await this.bearer('services')}`,
        'X-Scenario': encodeURIComponent('低保资格核对'),
        'X-Operator': encodeURIComponent('窗口 3 号'),
        'X-Case': encodeURIComponent('救助-2026-0042'),
      }
      if (known !== undefined) headers['If-None-Match'] = known
      const answer = await fetch(new URL(path, this.hub), { headers })
      if (answer.status === 200) return { page: (await answer.json()) as Page, etag: answer.headers.get('ETag') }
      if (answer.status === 304) return { page: null, etag: known ?? null }
      if (answer.status !== 429) throw new Error(`${answer.status} ${await answer.text()}`)
      const seconds = Number(answer.headers.get('Retry-After') ?? '1')
      console.error(`too fast, waiting ${seconds} s`)
      await new Promise((go) => setTimeout(go, seconds * 1000))
    }
  }

  /** Takes in what has changed since the last acknowledgement; only what was taken in is acknowledged. */
  async pull(feed: string, take: (event: Batch['events'][number]) => void): Promise<void> {
    for (let more = true; more; ) {
      const batch = (await (await this.send(`${feed}/events?limit=500`)).json()) as Batch
      batch.events.forEach(take)
      await this.send(`${feed}/acknowledge`, { position: batch.position })
      more = batch.more
    }
  }

  private async send(path: string, body?: object): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${await this.bearer('subscriptions')}` }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const answer = await fetch(new URL(path, this.hub), { method: body === undefined ? 'GET' : 'POST', headers, body: body === undefined ? null : JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return answer
  }

  /** The token that is still good for a while, or a new one (RFC 6749 4.4, RFC 7523). */
  private async bearer(scope: string): Promise<string> {
    if (Date.now() < this.tokenEnds) return this.token
    const answer = await fetch(new URL('/oauth2/token', this.hub), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await this.assertion(),
      }),
    })
    if (!answer.ok) throw new Error(`No token: ${await answer.text()}`)
    const given = (await answer.json()) as { access_token: string; expires_in: number }
    this.token = given.access_token
    this.tokenEnds = Date.now() + (given.expires_in - 30) * 1000
    return this.token
  }

  /** Says once, for a minute, who this is. */
  private async assertion(): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: this.client, sub: this.client, aud: new URL('/oauth2/token', this.hub).href, jti: crypto.randomUUID(), iat: now, exp: now + 60 }
    const signed = [{ alg: 'ES256', typ: 'JWT' }, claims].map((part) => base64(encoder.encode(JSON.stringify(part)))).join('.')
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.key, encoder.encode(signed))
    return `${signed}.${base64(new Uint8Array(signature))}`
  }
}

export async function main([hub, client, keyFile, path]: string[]): Promise<void> {
  const services = await ServiceClient.of(hub!, client!, await readFile(keyFile!, 'utf8'))
  if (path!.startsWith('/feeds/')) {
    await services.pull(path!, ({ type, data }) => console.log(type.slice('org.qiantang.change.'.length), JSON.stringify(data)))
    return
  }
  let etag: string | null = null
  for (let at: string | null = path!; at !== null; ) {
    const answer = await services.get(at)
    etag ??= answer.etag
    for (const row of answer.page?.rows ?? []) console.log(Object.values(row).join(','))
    at = answer.page?.next ?? null
  }
  const again = await services.get(path!, etag ?? undefined)
  console.error(again.page === null ? 'unchanged' : 'changed meanwhile')
}

if (process.argv.length > 5) await main(process.argv.slice(2))
