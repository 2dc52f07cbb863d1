import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { DataGrid } from '@qiantang/ui'
import { chooseLocale, i18n, initialLocale, messagesOf } from '../../src/i18n'
import { modules } from '../../src/modules'
import ResourcePage from '../../src/modules/catalogue/ResourcePage.vue'
import OverviewPage from '../../src/modules/overview/OverviewPage.vue'
import SignInPage from '../../src/modules/sign-in/SignInPage.vue'
import { readHistory, remember } from '../../src/modules/sql/history'
import { quoted, quotedTable } from '../../src/modules/sql/names'
import { useSession } from '../../src/session'
import { useLoad } from '../../src/useLoad'
import { Hub, json, mountPage, refusal } from './mounting'

const keysOf = (value: unknown, path = ''): string[] => (typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`)) : [path])

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  localStorage.clear()
  hub = new Hub().install()
})

describe('the words', () => {
  it('are the same in both languages, none missing', () => {
    expect(keysOf(messagesOf('en'))).toEqual(keysOf(messagesOf('zh')))
  })
  it('count in English as one says it', () => {
    chooseLocale('en')
    const { t } = i18n.global as unknown as { t: (key: string, named: { n: number }, plural: number) => string }
    const said = (n: number): string[] => ['tickets', 'objections', 'undispatched'].map((word) => t(`overview.day.${word}`, { n }, n))
    expect(said(1)).toEqual(['1 ticket', '1 objection', '1 ticket waits to be dispatched'])
    expect(said(2)).toEqual(['2 tickets', '2 objections', '2 tickets wait to be dispatched'])
    chooseLocale('zh-CN')
    expect(said(1)).toEqual(['1 张工单', '1 件异议', '1 张工单等数据局派发'])
  })
  it('are Chinese first', () => {
    expect(initialLocale(null)).toBe('zh-CN')
    expect(initialLocale('en')).toBe('en')
  })
})

describe('the menu', () => {
  const menuOf = (role: 'ENGINEER' | 'OFFICER' | 'ANALYST' | 'AUDITOR' | 'RESIDENT' | 'ZONE_MEMBER'): string[] =>
    modules.filter((module) => module.menu && (!('roles' in module) || !module.roles || module.roles.includes(role))).map((module) => module.name)
  it('shows each role its own work and nothing it may not open', () => {
    expect(menuOf('ENGINEER')).toEqual(['overview', 'tickets', 'footprints', 'zones', 'share', 'services', 'fleet', 'sources', 'runs', 'catalogue', 'layers', 'directory', 'ledger', 'quality', 'value', 'sql', 'interconnect'])
    expect(menuOf('OFFICER')).toEqual(['overview', 'tickets', 'footprints', 'share', 'services', 'fleet', 'catalogue', 'layers', 'directory', 'ledger', 'quality', 'sql', 'interconnect'])
    expect(menuOf('ANALYST')).toEqual(['overview', 'share', 'services', 'fleet', 'catalogue', 'layers', 'directory', 'ledger', 'quality', 'sql', 'interconnect'])
    expect(menuOf('AUDITOR')).toEqual(['overview', 'tickets', 'footprints', 'zones', 'share', 'services', 'fleet', 'runs', 'quality', 'value', 'interconnect'])
    expect(menuOf('RESIDENT')).toEqual(['own-records', 'own-footprints'])
    expect(menuOf('ZONE_MEMBER')).toEqual(['zones', 'share', 'directory'])
  })
})

describe('signing out', () => {
  it('does not pretend to have ended a session it could not reach', async () => {
    await mountPage(OverviewPage)
    const session = useSession()
    await session.signOut()
    expect(session.signedIn).toBe(true)
    hub.on('DELETE', /session/, () => new Response(null, { status: 204 }))
    await session.signOut()
    expect(session.signedIn).toBe(false)
  })
})

describe('signing in', () => {
  const open = async (at = '/sign-in?next=/runs') => {
    const page = await mountPage(SignInPage, { at })
    useSession().person = null
    await page.wrapper.get('#username').setValue('engineer')
    await page.wrapper.get('#password').setValue('x')
    return page
  }
  it('says why it was refused and keeps the user name', async () => {
    hub.on('POST', /session/, () => refusal(401, 'org.bad_credentials'))
    const { wrapper } = await open()
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=sign-in-error]').text()).toContain('中文：org.bad_credentials')
    expect((wrapper.get('#username').element as HTMLInputElement).value).toBe('engineer')
  })
  it('returns to the page asked for, but never to another site', async () => {
    hub.on('POST', /session/, () => json({ username: 'engineer', displayName: '', roles: [], department: null }))
    const inside = await open()
    await inside.wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(inside.router.currentRoute.value.path).toBe('/runs')
    const outside = await open('/sign-in?next=//evil.example')
    await outside.wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(outside.router.currentRoute.value.fullPath).toBe('/')
  })
})

describe('the preview', () => {
  const resource = { id: 'r1', lakeTable: 'raw_a.public__t', name: 'public.t', title: '住户', comment: null, department: { id: 'a', name: '甲', nameEn: 'A' }, source: { id: 's', name: 'a' }, kind: 'TABLE', rows: 1, bytes: 1, asOf: '2026-11-23T08:00:00Z', completeness: 'COMPLETE', level: 'L4', columnsCount: 2, snapshotId: '1', matched: [], columns: [], details: {}, receipts: [] }
  const preview = { asOf: resource.asOf, columns: [{ name: 'id_number', type: 'VARCHAR', level: 'L4', masked: true }, { name: 'sex', type: 'VARCHAR', level: 'L2', masked: false }], rows: [['330106********1234', null]], contestedRows: [], contested: [] }

  it('marks masked cells and tells null from an empty text', async () => {
    hub.on('GET', /resources\/r1$/, () => json(resource)).on('GET', /preview/, () => json(preview))
    const { wrapper } = await mountPage(ResourcePage, { route: '/catalogue/:id', at: '/catalogue/r1' })
    expect(wrapper.findAll('[data-testid=masked-mark]')).toHaveLength(1)
    expect(wrapper.get('[data-masked]').text()).toBe('330106********1234')
    expect(wrapper.get('[data-testid=preview-grid]').text()).toContain('空')
  })
  it('is not even asked for by who may not see it', async () => {
    hub.on('GET', /resources\/r1$/, () => json(resource))
    const { wrapper } = await mountPage(ResourcePage, { route: '/catalogue/:id', at: '/catalogue/r1', person: { roles: ['OFFICER'] } })
    expect(hub.of('GET', /preview/)).toBe(0)
    expect(wrapper.get('[data-testid=no-permission]').text()).toContain('分析师')
  })
})

describe('the overview', () => {
  const empty = { asOf: '2026-11-23T08:00:00Z', installation: { name: '杭州', trial: true }, city: { departments: 0, sources: 0, tables: 0, completeTables: 0, rows: 0, rejected: 0, bytes: 0, completeness: null }, departments: [], running: [], attention: [], day: { since: '2026-11-22T16:00:00Z', arrived: [], late: [], worse: [], owes: [], undispatched: 0, forBureau: 0 }, history: [] }
  it('teaches the next step when nothing was collected', async () => {
    hub.on('GET', /overview/, () => json(empty))
    const { wrapper } = await mountPage(OverviewPage)
    expect(wrapper.find('[data-testid=empty-add-source]').exists()).toBe(true)
  })
  it('does not offer an officer what only an engineer may do', async () => {
    hub.on('GET', /overview/, () => json(empty))
    const { wrapper } = await mountPage(OverviewPage, { person: { roles: ['OFFICER'] } })
    expect(wrapper.find('[data-testid=empty-add-source]').exists()).toBe(false)
  })
  it('gives a code to quote when it fails', async () => {
    hub.on('GET', /overview/, () => refusal(500, 'core.unexpected'))
    const { wrapper } = await mountPage(OverviewPage)
    expect(wrapper.get('[data-testid=error-state]').text()).toContain('core.unexpected')
    expect(wrapper.get('[data-testid=error-state]').text()).toContain('abc123')
    expect(wrapper.get('[data-testid=error-state] button').text()).toBe('再试一次')
  })
})

describe('loading', () => {
  it('drops an answer that comes after a newer question', async () => {
    const answers: ((value: string) => void)[] = []
    const load = useLoad(() => new Promise<string>((resolve) => answers.push(resolve)))
    void load.reload()
    answers[1]?.('new')
    await flushPromises()
    answers[0]?.('old')
    await flushPromises()
    expect(load.data.value).toBe('new')
  })
  it('keeps what is shown when a refresh fails', async () => {
    const ask = vi.fn<() => Promise<string>>().mockResolvedValueOnce('first').mockRejectedValueOnce(new Error('down'))
    const load = useLoad(ask)
    await flushPromises()
    await load.reload()
    expect(load.data.value).toBe('first')
    expect(load.error.value).toBeInstanceOf(Error)
  })
})

describe('a table of ten thousand rows', () => {
  it('draws only what is in view and says how many there are', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => [String(i)])
    const { wrapper } = await mountPage(DataGrid as never, { props: { columns: [{ key: '0', title: 'n' }], rows, text: (row: string[]) => row[0], label: 'x' } })
    expect(wrapper.findAll('.body [role=row]').length).toBeLessThan(60)
    expect(wrapper.get('[role=grid]').attributes('aria-rowcount')).toBe('10001')
  })
})

describe('the SQL workbench', () => {
  it('quotes names only when they need it', () => {
    expect(quotedTable('raw_police.public__resident')).toBe('raw_police.public__resident')
    expect(quotedTable('raw_a.public__Select 表')).toBe('raw_a."public__Select 表"')
    expect(quoted('a"b')).toBe('"a""b"')
  })
  it('remembers a query once, newest first, each person their own', () => {
    const past = (sql: string) => ({ sql, at: '2026-11-23T08:00:00Z', rows: 1, ok: true })
    remember('a', past('one'))
    remember('a', past('two'))
    remember('a', past('one'))
    expect(readHistory('a').map((one) => one.sql)).toEqual(['one', 'two'])
    expect(readHistory('b')).toEqual([])
  })
})
