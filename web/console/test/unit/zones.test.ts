import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Product, Release, Zone, ZoneRun } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import OpenProductsPage from '../../src/modules/zones/OpenProductsPage.vue'
import ProductsPage from '../../src/modules/zones/ProductsPage.vue'
import ZonePage from '../../src/modules/zones/ZonePage.vue'
import ZoneRunPage from '../../src/modules/zones/ZoneRunPage.vue'
import ZonesPage from '../../src/modules/zones/ZonesPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const ID = '00000000-0000-4000-8000-000000000001'
const operator = { id: 'operator', name: '数据运营公司', nameEn: 'Data Operations' }
const zone: Zone = {
  zone: { id: ID, number: 'YY2026000001', operator, name: '普惠金融授权运营域', agreement: '杭数运营〔2026〕3号', scope: '人口统计', validFrom: '2026-11-01', validTo: '2027-10-31', k: 5, mostRows: 100000, runsADay: 200, grants: [ID], members: ['mem'], state: 'ACTIVE', reason: null, revision: 3 },
  inForce: true,
  usable: [{ id: ID, number: 'GX2026-000001', scenario: '普惠金融', purpose: '统计', tables: [{ name: 'raw_police.resident', fields: { area: 'clear' } }] }],
}
const check = (of: string, verdict: string): NonNullable<ZoneRun['report']>['checks'][number] => ({ of, verdict, zh: `${of} 的说明`, en: `about ${of}`, figures: {}, examples: [] }) as never
const run = (more: Partial<ZoneRun> = {}): ZoneRun => ({
  id: ID, zone: ID, who: 'mem', whoName: '成员', state: 'HELD', statement: 'select area, count(*) as n from t group by area', declared: { kind: 'STATISTIC', columns: { n: 'COUNT' } }, grants: ['GX2026-000001'],
  columns: [{ name: 'area', type: 'VARCHAR', as: 'IDENTIFYING', level: 'L1' }], begunAt: '2026-11-23T02:00:00Z', seconds: 1, failure: null, rows: null, rowsAbout: 100, level: 'L1', tables: [], digest: null, evidence: [],
  report: { k: 5, checks: [check('SMALL_CELLS', 'PASS'), check('DIFFERENCING', 'PASS')] }, purpose: null, submittedAt: null, dueAt: null, overdue: false, reviewerName: null, reviewedAt: null, reason: null, legalBasis: null, ...more,
})
const release: Release = { id: ID, number: 'FB2026000001', zone: ID, run: ID, releasedAt: '2026-11-23T02:00:00Z', rows: 2, bytes: 40, sha256: 'ab'.repeat(32) }
const product: Product = { id: ID, number: 'CP2026000001', zone: ID, zoneName: zone.zone.name, operator, name: '街道人口数', kind: 'DATA_SET', purpose: '普惠金融', price: 'PUBLIC_INTEREST_FREE', priceBasis: '公益', sources: [{ table: 'raw_police.resident', name: '人口登记' }], releases: [release], state: 'REGISTERED', revision: 0, registeredAt: '2026-11-23T02:00:00Z', publishedAt: null, withdrawnAt: null, reason: null }
const MEMBER = { username: 'mem', roles: ['ZONE_MEMBER' as const], department: operator }

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().install()
})
const openRun = (person = {}) => mountPage(ZoneRunPage, { route: '/zone-runs/:id', at: `/zone-runs/${ID}`, person })

describe('the zones', () => {
  it('tell a member who has none whom to ask, and show them no queue', async () => {
    hub.on('GET', /zones$/, () => json([]))
    const { wrapper } = await mountPage(ZonesPage, { person: MEMBER })
    expect(wrapper.text()).toContain('请联系数据局')
    expect(wrapper.find('[data-testid=tab-REVIEWS]').exists()).toBe(false)
    expect(wrapper.find('[data-testid=begin-zone]').exists()).toBe(false)
  })
  it('are begun for a department with its own people and grants', async () => {
    hub.on('GET', /zones$/, () => json([])).on('GET', /departments$/, () => json([operator])).on('GET', /candidates/, () => json({ operator, accounts: [{ username: 'mem', displayName: '成员' }], grants: zone.usable })).on('POST', /zones$/, () => json(zone, 201))
    const { wrapper, router } = await mountPage(ZonesPage)
    await wrapper.get('[data-testid=begin-zone]').trigger('click')
    await flushPromises()
    await wrapper.get('[data-testid=zone-department]').setValue('operator')
    await flushPromises()
    for (const field of ['name', 'agreement', 'scope']) await wrapper.get(`[data-testid=zone-${field}]`).setValue('普惠金融')
    await wrapper.get('[data-testid=zone-member]').setValue(true)
    await wrapper.get('[data-testid=zone-grant]').setValue(true)
    await wrapper.get('[data-testid=zone-form]').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toMatchObject({ department: 'operator', zone: { members: ['mem'], grants: [ID], k: null } })
    expect(router.currentRoute.value.path).toBe(`/zones/${ID}`)
  })
  it('say what failed and try again', async () => {
    hub.on('GET', /zones$/, () => refusal(503, 'core.unavailable'))
    const { wrapper } = await mountPage(ZonesPage)
    expect(wrapper.text()).toContain('core.unavailable')
  })
  it('say which release a found file is of, and why', async () => {
    hub.on('POST', /recognise/, () => json([{ release, order: false, quotes: true, contained: 200, rows: 200 }]))
    const { wrapper } = await mountPage(ZonesPage, { at: '/?tab=TRACE' })
    await wrapper.get('[data-testid=trace-text]').setValue('a,b\n1,2')
    await wrapper.get('[data-testid=trace]').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=traced]').text()).toMatch(/FB2026000001.*引号标记相符.*200 \/ 200/)
  })
})

describe('a zone', () => {
  const open = (person = {}) => mountPage(ZonePage, { route: '/zones/:id', at: `/zones/${ID}`, person })
  beforeEach(() => void hub.on('GET', /zones\/[^/]+$/, () => json(zone)).on('GET', /runs$/, () => json([run()])).on('GET', /releases$/, () => json([release])))
  it('runs a statement with what its columns are', async () => {
    hub.on('POST', /runs$/, () => json(run(), 201))
    const { wrapper, router } = await open(MEMBER)
    await wrapper.get('[data-testid=run-statement]').setValue('select 1')
    await wrapper.get('[data-testid=run-counts]').setValue('n，m')
    await wrapper.get('[data-testid=run-form]').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ statement: 'select 1', kind: 'STATISTIC', columns: { n: 'COUNT', m: 'COUNT' } })
    expect(router.currentRoute.value.path).toBe(`/zone-runs/${ID}`)
  })
  it('shows a member about how many rows and the bureau no form to run', async () => {
    const own = await open(MEMBER)
    expect(own.wrapper.get('[data-testid=run-row]').text()).toContain('约 100 行')
    expect(own.wrapper.find('[data-testid=zone-revoke]').exists()).toBe(false)
    const bureau = await open()
    expect(bureau.wrapper.find('[data-testid=run-form]').exists()).toBe(false)
    expect(bureau.wrapper.find('[data-testid=zone-revoke]').exists()).toBe(true)
  })
  it('is revoked with a reason alone', async () => {
    hub.on('POST', /revoke$/, () => json({ ...zone, inForce: false, zone: { ...zone.zone, state: 'REVOKED' } }))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=zone-revoke]').trigger('click')
    expect(wrapper.get('[data-testid=revoke-confirm]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-testid=revoke-reason]').setValue('超出范围')
    await wrapper.get('[data-testid=revoke-confirm]').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=zone-state]').text()).toContain('已撤销')
  })
})

describe('a run', () => {
  it('whose checks failed cannot be handed in', async () => {
    hub.on('GET', /zone-runs/, () => json(run({ report: { k: 5, checks: [check('K_ANONYMITY', 'FAIL')] } })))
    const { wrapper } = await openRun(MEMBER)
    expect(wrapper.find('[data-testid=submit]').exists()).toBe(false)
    expect(wrapper.text()).toContain('有检查没有通过')
    expect(wrapper.get('[data-testid=check-K_ANONYMITY]').text()).toContain('不通过')
  })
  it('that passed is handed in with its purpose', async () => {
    hub.on('GET', /zone-runs/, () => json(run())).on('POST', /submit$/, () => json(run({ state: 'SUBMITTED' })))
    const { wrapper } = await openRun(MEMBER)
    await wrapper.get('[data-testid=submit-words]').setValue('普惠金融')
    await wrapper.get('[data-testid=submit]').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ words: '普惠金融' })
  })
  it('is approved only when each check that needs attention was looked at', async () => {
    hub.on('GET', /zone-runs/, () => json(run({ state: 'SUBMITTED', rows: 2, report: { k: 5, checks: [check('DIFFERENCING', 'ATTENTION')] } }))).on('POST', /approve$/, () => json(release)).on('POST', /sample$/, () => json({ columns: ['area'], rows: [['330106001']], evidence: { log: 'l', index: 1, leafHash: 'x' } }))
    const { wrapper } = await openRun()
    expect(wrapper.find('[data-testid=sample-rows]').exists()).toBe(false)
    await wrapper.get('[data-testid=sample]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-testid=sample-rows]').text()).toContain('330106001')
    await wrapper.get('[data-testid=review-words]').setValue('可以')
    expect(wrapper.get('[data-testid=approve]').attributes('disabled')).toBeDefined()
    expect(wrapper.get('[data-testid=refuse]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-testid=seen-DIFFERENCING]').setValue(true)
    await wrapper.get('[data-testid=approve]').trigger('click')
    await flushPromises()
    expect(hub.calls.find((call) => /approve/.test(call.path))?.body).toEqual({ words: '可以', acknowledged: ['DIFFERENCING'] })
  })
  it('that failed says why in our words, in both languages', async () => {
    hub.on('GET', /zone-runs/, () => json(run({ state: 'FAILED', failure: 'AT_A_VALUE', report: null, rowsAbout: null })))
    const { wrapper } = await openRun(MEMBER)
    expect(wrapper.get('[data-testid=run-failure]').text()).toContain('不说明是哪个值')
    chooseLocale('en')
    await flushPromises()
    expect(wrapper.get('[data-testid=run-failure]').text()).toContain('to protect them')
  })
})

describe('the register', () => {
  it('publishes by the bureau and withdraws with a reason', async () => {
    hub.on('GET', /products$/, () => json([product])).on('POST', /withdraw$/, () => json(product))
    const own = await mountPage(ProductsPage, { person: MEMBER })
    expect(own.wrapper.find('[data-testid=publish]').exists()).toBe(false)
    const { wrapper } = await mountPage(ProductsPage)
    expect(wrapper.find('[data-testid=publish]').exists()).toBe(true)
    await wrapper.get('[data-testid=withdraw]').trigger('click')
    await wrapper.get('[data-testid=withdraw-reason]').setValue('更新')
    await wrapper.get('[data-testid=withdraw-confirm]').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ words: '更新' })
  })
  it('is open to everybody, what is free with a download', async () => {
    hub.on('GET', /open\/products$/, () => json([product, { ...product, id: `${ID}2`, price: 'COST' }]))
    const { wrapper } = await mountPage(OpenProductsPage)
    expect(wrapper.findAll('[data-testid=open-download]')).toHaveLength(1)
    expect(wrapper.text()).toContain('请联系 数据运营公司')
  })
  it('says that nothing is published yet', async () => {
    hub.on('GET', /open\/products$/, () => json([]))
    const { wrapper } = await mountPage(OpenProductsPage)
    expect(wrapper.text()).toContain('还没有发布的数据产品')
  })
})
