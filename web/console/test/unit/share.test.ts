import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Application, ApplicationDetail, ApplicationPart, GrantDetail, Offered, Reading, Terms } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import AddToCart from '../../src/modules/share/AddToCart.vue'
import ApplicationPage from '../../src/modules/share/ApplicationPage.vue'
import GrantPage from '../../src/modules/share/GrantPage.vue'
import ReadersCard from '../../src/modules/share/ReadersCard.vue'
import SharePage from '../../src/modules/share/SharePage.vue'
import { within } from '../../src/modules/share/showing'
import { Hub, json, mountPage, refusal } from './mounting'

const ID = '00000000-0000-4000-8000-000000000001'
const civil = { id: 'civil', name: '民政局', nameEn: 'Civil Affairs' }
const police = { id: 'police', name: '公安局', nameEn: 'Public Security Bureau' }
const asked = { scenario: '低保核对', legalBasis: '办法第十七条', purpose: '核对户籍', from: '2026-12-01', to: '2027-11-30', callsADay: 100, rowsADay: 1000, system: '救助系统', systemLevel: 3, contact: '王工', undertaken: true, tables: [{ entry: ID, fields: [{ name: 'id_number', showing: 'clear', reason: '核对身份' }, { name: 'area', showing: 'clear', reason: null }], rows: [], despite: null }] }
const offer: Offered = { entry: ID, resource: ID, title: '人口登记', lakeTable: 'raw_police.resident', provider: police, shareClass: 'NOT_SHARED', shareCondition: '《条例》第八条', openClass: 'FORBIDDEN', fields: [{ name: 'id_number', title: '公民身份号码', type: 'string', level: 'L3' }, { name: 'area', title: '区划', type: 'string', level: 'L1' }] }
const terms: Terms = { from: '2026-11-30T16:00:00Z', to: '2027-11-30T16:00:00Z', quota: { callsADay: 100, rowsADay: 1000 }, tables: [{ table: { namespace: 'raw_police', name: 'resident' }, fields: { id_number: 'clear', area: 'clear' }, rows: [] }] }
const part: ApplicationPart = { part: { id: ID, application: ID, provider: police, shareClass: 'CONDITIONAL', state: 'PROVIDER_REVIEW', tables: [{ entry: ID, resource: ID, title: '人口登记', lakeTable: 'raw_police.resident', asked: asked.tables[0]!, levels: ['L3', 'L1'] }], dueAt: '2026-11-30T09:30:00Z', lateness: 'OVERDUE', grant: null }, asked: terms, acts: ['GRANT', 'REJECT'] }
const detail = (more: Partial<ApplicationDetail> = {}, state: ApplicationDetail['application']['state'] = 'REVIEWED'): ApplicationDetail => ({
  application: { id: ID, number: 'SQ2026-000001', applicant: 'shen', applicantName: '沈工', department: civil, state, asked, renews: null, revision: 4, createdAt: '2026-11-23T02:00:00Z', submittedAt: null, dueAt: null, lateness: 'IN_TIME' },
  parts: [part],
  offers: [],
  violations: [],
  hints: [],
  steps: [],
  acts: [],
  ...more,
})

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().install()
})
const open = () => mountPage(ApplicationPage, { route: '/share/applications/:id', at: `/share/applications/${ID}` })

describe('what may be granted', () => {
  it('is what was asked for or tells less', () => {
    expect(within('clear')).toContain('pseudonym')
    expect(within('keep(3,4)')).toEqual(['keep(3,4)', 'hide'])
    expect(within('pseudonym')).toEqual(['pseudonym', 'hide'])
    expect(within('hide')).toEqual(['hide'])
  })
})

describe('the cart', () => {
  it('takes a resource of another department only', async () => {
    hub.on('PUT', /cart\/resources/, () => json([offer]))
    const own = await mountPage(AddToCart, { props: { resource: ID, department: 'civil' }, person: { roles: ['OFFICER'], department: civil } })
    expect(own.wrapper.find('[data-testid=add-to-cart]').exists()).toBe(false)
    const { wrapper } = await mountPage(AddToCart, { props: { resource: ID, department: 'police' }, person: { roles: ['OFFICER'], department: civil } })
    await wrapper.get('[data-testid=add-to-cart]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[role=status]').text()).toContain('已加入')
  })
  it('says why it did not', async () => {
    hub.on('PUT', /cart/, () => refusal(409, 'share.not_available'))
    const { wrapper } = await mountPage(AddToCart, { props: { resource: ID, department: 'police' }, person: { roles: ['OFFICER'], department: civil } })
    await wrapper.get('[data-testid=add-to-cart]').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('中文：share.not_available')
  })
})

describe('the lists', () => {
  const brief: Application = { id: ID, number: 'SQ2026-000001', department: civil, applicantName: '沈工', scenario: '低保核对', state: 'REVIEWED', lateness: 'OVERDUE', dueAt: '2026-11-30T09:30:00Z', createdAt: '2026-11-23T02:00:00Z', submittedAt: '2026-11-23T02:00:00Z', parts: [{ id: ID, provider: police, state: 'PROVIDER_REVIEW', lateness: 'OVERDUE', dueAt: '2026-11-30T09:30:00Z', grant: null }] }
  it('begin with what waits for oneself, late in words', async () => {
    hub.on('GET', /wanted=WAITING/, () => json([brief]))
    const { wrapper } = await mountPage(SharePage, { person: { roles: ['OFFICER'], department: police } })
    expect(wrapper.get('[data-testid=application-row]').text()).toContain('已逾期')
    expect(wrapper.get('[data-testid=application-row]').text()).toContain('公安局 待提供部门答复')
  })
  it('are asked for only as far as one may see them', async () => {
    hub.on('GET', /grants/, () => json([]))
    const { wrapper } = await mountPage(SharePage, { person: { roles: ['ANALYST'] } })
    expect(wrapper.findAll('.segments button')).toHaveLength(1)
    expect(hub.of('GET', /applications/)).toBe(0)
    expect(wrapper.get('[data-testid=empty-state]').text()).toContain('还没有授权')
  })
})

describe('a draft', () => {
  const violation = { code: 'share.reason_missing', field: 'tables[0].fields[0]', zh: '请写明为什么需要', en: 'Say why' }
  const draft = detail({ parts: [], offers: [offer], acts: ['EDIT', 'SUBMIT', 'WITHDRAW'], violations: [violation], hints: [{ code: 'share.already_granted', field: 'tables[0].fields[1]', zh: '本部门已获授权：area', en: 'You already have area' }] }, 'DRAFT')
  it('names what is missing at its place, shows the law that refuses, and cannot be submitted', async () => {
    hub.on('GET', /applications\//, () => json(draft))
    const { wrapper } = await open()
    expect(wrapper.get('[data-testid=asked-table]').text()).toContain('请写明为什么需要')
    expect(wrapper.get('[data-testid=asked-table]').text()).toContain('《条例》第八条')
    expect(wrapper.get('[data-testid=hints]').text()).toContain('本部门已获授权')
    expect(wrapper.get('[data-testid=act-SUBMIT]').attributes('disabled')).toBeDefined()
  })
  it('is saved with the revision that was seen, and what was written stays when somebody else was first', async () => {
    hub.on('GET', /applications\//, () => json({ ...draft, violations: [] })).on('PUT', /applications/, () => refusal(409, 'share.changed_meanwhile'))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=asked-purpose]').setValue('核对收入')
    await wrapper.get('[data-testid=act-EDIT]').trigger('click')
    await flushPromises()
    const sent = hub.calls.find((call) => call.method === 'PUT')?.body as { revision: number; asked: { purpose: string } }
    expect(sent.revision).toBe(4)
    expect(sent.asked.purpose).toBe('核对收入')
    expect(wrapper.text()).toContain('中文：share.changed_meanwhile')
    expect((wrapper.get('[data-testid=asked-purpose]').element as HTMLTextAreaElement).value).toBe('核对收入')
  })
})

describe('an answer', () => {
  it('rejects with a reason and a law, never without', async () => {
    hub.on('GET', /applications\//, () => json(detail())).on('POST', /reject/, () => json(detail({ parts: [{ ...part, part: { ...part.part, state: 'REJECTED' }, acts: [] }] })))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=part-REJECT]').trigger('click')
    await wrapper.get('[data-testid=say-words]').setValue('不属于职责')
    expect(wrapper.get('[data-testid=say-confirm]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-testid=say-basis]').setValue('条例第十二条')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ words: '不属于职责', legalBasis: '条例第十二条' })
    expect(wrapper.get('[data-testid=part-state]').text()).toContain('提供部门不同意')
  })
  it('grants what was asked unless it is narrowed', async () => {
    hub.on('GET', /applications\//, () => json(detail())).on('POST', /grant/, () => refusal(409, 'share.wrong_state'))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=part-GRANT]').trigger('click')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ words: null, terms })
    expect(wrapper.text()).toContain('中文：share.wrong_state')
    expect(hub.of('GET', /applications\/[^/]+$/)).toBe(2)
  })
})

describe('a grant', () => {
  const grant: GrantDetail = {
    brief: { id: ID, number: 'GX2026-000001', version: 1, recipient: civil, provider: police, scenario: '低保核对', state: 'GRANTED', inForce: true, from: terms.from, to: terms.to, tables: ['raw_police.resident'] },
    grant: { id: ID, number: 'GX2026-000001', recipient: 'civil', scenario: '低保核对', legalBasis: '办法第十七条', purpose: '核对户籍', ...terms },
    application: ID,
    system: '救助系统',
    systemLevel: 3,
    versions: [{ version: 1, at: '2026-11-30T02:00:00Z', who: 'lin', terms }],
    steps: [],
    acts: ['SUSPEND', 'REVOKE'],
  }
  it('is revoked with a reason', async () => {
    hub.on('GET', /subscriptions/, () => json([])).on('GET', /grants\//, () => json(grant)).on('POST', /revoke/, () => json({ ...grant, brief: { ...grant.brief, state: 'REVOKED', inForce: false }, acts: [] }))
    const { wrapper } = await mountPage(GrantPage, { route: '/share/grants/:id', at: `/share/grants/${ID}` })
    await wrapper.get('[data-testid=act-REVOKE]').trigger('click')
    expect(wrapper.get('[data-testid=say-confirm]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-testid=say-words]').setValue('超范围使用')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ words: '超范围使用' })
    expect(wrapper.get('[data-testid=grant-state]').text()).toContain('已撤销')
  })
  it('is taken as a file by its recipient alone, for a case, and says how much that was', async () => {
    const file = () => new Response(new Uint8Array(2048), { headers: { 'Content-Length': '2048', 'Qiantang-Rows': '1200' } })
    const saved: string[] = []
    URL.createObjectURL = () => 'blob:it'
    URL.revokeObjectURL = () => undefined
    HTMLAnchorElement.prototype.click = function () {
      saved.push(this.download)
    }
    hub.on('GET', /grants\//, () => json(grant)).on('GET', /api\/resources/, () => json({ total: 2, items: [{ id: 'other', lakeTable: 'raw_police.resident_old' }, { id: ID, lakeTable: 'raw_police.resident' }] })).on('POST', /export/, file)
    const giver = await mountPage(GrantPage, { route: '/share/grants/:id', at: `/share/grants/${ID}`, person: { roles: ['OFFICER'], department: police } })
    expect(giver.wrapper.find('[data-testid=download-card]').exists()).toBe(false)
    const { wrapper } = await mountPage(GrantPage, { route: '/share/grants/:id', at: `/share/grants/${ID}`, person: { roles: ['OFFICER'], department: civil } })
    await wrapper.get('[data-testid=download-case]').setValue('HZ-7')
    await wrapper.get('[data-testid=download]').trigger('click')
    await flushPromises()
    const call = hub.calls.find((one) => one.method === 'POST')
    expect(call?.path).toBe(`/api/resources/${ID}/export`)
    expect(call?.body).toMatchObject({ form: 'PARQUET', grant: ID, caseNumber: 'HZ-7' })
    expect(saved).toEqual(['GX2026-000001-resident.parquet'])
    expect(wrapper.get('[data-testid=download-done]').text()).toContain('1,200 行')
  })
  it('keeps nothing of a file that broke off, and says so', async () => {
    hub.on('GET', /grants\//, () => json(grant)).on('GET', /api\/resources/, () => json({ total: 1, items: [{ id: ID, lakeTable: 'raw_police.resident' }] })).on('POST', /export/, () => new Response(new Uint8Array(5), { headers: { 'Content-Length': '2048' } }))
    const saved: string[] = []
    HTMLAnchorElement.prototype.click = function () {
      saved.push(this.download)
    }
    const { wrapper } = await mountPage(GrantPage, { route: '/share/grants/:id', at: `/share/grants/${ID}`, person: { roles: ['OFFICER'], department: civil } })
    await wrapper.get('[data-testid=download]').trigger('click')
    await flushPromises()
    expect(saved).toEqual([])
    expect(wrapper.get('[data-testid=download-card]').text()).toContain('没能下载')
  })
  const reading: Reading = { grant: ID, number: 'GX2026-000001', recipient: civil, scenario: '低保核对', legalBasis: '办法第十七条', purpose: '核对户籍', field: 'id_number', showing: 'keep(3,4)', rows: [], from: terms.from, to: terms.to, state: 'GRANTED', inForce: true }
  it('answers who could read a field, and why, to those who may know', async () => {
    hub.on('GET', /readers/, () => json([reading]))
    const { wrapper } = await mountPage(ReadersCard, { props: { resource: ID, department: 'police' } })
    expect(wrapper.get('[data-testid=reading]').text()).toContain('民政局')
    expect(wrapper.get('[data-testid=reading]').text()).toContain('保留前 3 后 4 位')
    const other = await mountPage(ReadersCard, { props: { resource: ID, department: 'police' }, person: { roles: ['OFFICER'], department: civil } })
    expect(other.wrapper.find('[data-testid=readers]').exists()).toBe(false)
    expect(hub.of('GET', /readers/)).toBe(1)
  })
})
