import { beforeEach, describe, expect, it } from 'vitest'
import { OfflineError, ProblemError, createClient, csrfToken, parseExact, problemOf } from '@qiantang/api'
import { Hub, json, refusal } from './mounting'

describe('a problem', () => {
  it('keeps the hub’s sentence in both languages and its code', () => {
    const problem = problemOf(422, { code: 'collect.source_unreachable', zh: '连不上', en: 'Cannot reach', traceId: 't1', status: 422 })
    expect(problem).toMatchObject({ code: 'collect.source_unreachable', zh: '连不上', en: 'Cannot reach', traceId: 't1' })
  })
  it('says what to do even when a proxy answered with its own page', () => {
    const problem = problemOf(502, null)
    expect(problem.code).toBe('web.hub_unavailable')
    expect(problem.zh).toContain('再试')
  })
  it('is laid to the field it belongs to', () => {
    expect(problemOf(400, { code: 'x', zh: '不行', en: 'no', field: 'name' }).fields).toEqual({ name: { zh: '不行', en: 'no' } })
    expect(problemOf(400, { code: 'x', errors: [{ field: 'name', zh: '不行', en: 'no' }] }).fields).toEqual({ name: { zh: '不行', en: 'no' } })
  })
})

describe('the client', () => {
  let hub: Hub
  beforeEach(() => {
    hub = new Hub().install()
    document.cookie = 'QT-CSRF=a%2Bb'
  })
  const client = (more: object = {}) => createClient({ locale: () => 'en', ...more })

  it('proves that a change comes from this page', async () => {
    hub.on('POST', /runs$/, () => json({ id: 'r' }, 202)).on('GET', /sources$/, () => json([]))
    await client().sources.run('s/1')
    await client().sources.list()
    expect(hub.calls[0]).toMatchObject({ path: '/api/sources/s%2F1/runs', headers: { 'X-CSRF-Token': 'a+b', 'Accept-Language': 'en' } })
    expect(hub.calls[1]?.headers).not.toHaveProperty('X-CSRF-Token')
  })
  it('tells a lost session from a wrong password', async () => {
    let ended = 0
    hub.on('GET', /overview/, () => refusal(401, 'org.not_signed_in')).on('POST', /session/, () => refusal(401, 'org.bad_credentials'))
    const api = client({ onSignedOut: () => ended++ })
    await expect(api.session.signIn('a', 'b')).rejects.toMatchObject({ code: 'org.bad_credentials' })
    expect(ended).toBe(0)
    await expect(api.overview()).rejects.toBeInstanceOf(ProblemError)
    expect(ended).toBe(1)
  })
  it('says when the line is lost and when it is back', async () => {
    const seen: boolean[] = []
    const api = client({ onReachable: (yes: boolean) => seen.push(yes) })
    await expect(api.overview()).rejects.toBeInstanceOf(OfflineError)
    hub.on('GET', /overview/, () => json({}))
    await api.overview()
    expect(seen).toEqual([false, true])
  })
  it('reads the token among other cookies', () => {
    expect(csrfToken('a=1; QT-CSRF=xyz; QT-CSRF-OLD=2')).toBe('xyz')
    expect(csrfToken('a=1; __Host-QT-CSRF=xyz')).toBe('xyz')
    expect(csrfToken('')).toBeNull()
  })
  it('parses ordinary answers unchanged', () => {
    expect(parseExact('{"a":[1,0.5,-2e3,"x",null,true]}')).toEqual({ a: [1, 0.5, -2000, 'x', null, true] })
  })
})
