import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Objection, OwnRecord, QualityRule, ResourceQuality, Ticket, TicketDetail } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import DayCards from '../../src/modules/overview/DayCards.vue'
import QualityCard from '../../src/modules/quality/QualityCard.vue'
import RuleEditor from '../../src/modules/quality/RuleEditor.vue'
import { shown, step } from '../../src/modules/quality/score'
import RaisePage from '../../src/modules/own-records/RaisePage.vue'
import TicketPage from '../../src/modules/tickets/TicketPage.vue'
import TicketsPage from '../../src/modules/tickets/TicketsPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const ID = '00000000-0000-4000-8000-000000000001'
const requirement: QualityRule['requirement'] = { kind: 'CHECK_DIGIT', columns: ['id_number'], pattern: null, readsAs: null, codes: [], content: 'ID_NUMBER', least: null, most: null, table: null, tableColumns: [], cycle: null, sql: null }
const rule: QualityRule = {
  id: ID,
  resource: ID,
  version: 1,
  characteristic: 'ACCURACY',
  requirement,
  words: { zh: '“id_number”是校验正确的公民身份号码', en: 'id_number checks' },
  note: '',
  tolerance: 0,
  severity: 'HIGH',
  author: 'shen',
  at: '2026-11-23T02:00:00Z',
  retired: false,
  newest: { version: 1, snapshotId: '7', at: '2026-11-23T02:00:00Z', checked: 40, failed: 1, millis: 5, error: null },
}
const ticket: Ticket = {
  id: ID,
  number: 'ZL2026-000001',
  rule: ID,
  resource: ID,
  resourceTitle: '人口登记',
  lakeTable: 'raw_police.resident',
  about: rule.words,
  foundBy: 'RULE',
  openedBy: '钱塘',
  openedAt: '2026-11-23T02:00:00Z',
  severity: 'HIGH',
  department: { id: 'police', name: '公安局', nameEn: 'Public Security Bureau' },
  state: 'ACCEPTED',
  lateness: 'OVERDUE',
  dueAt: '2026-11-30T09:30:00Z',
  failure: { snapshotId: '7', at: '2026-11-23T02:00:00Z', failed: 1, checked: 40 },
  closedAt: null,
}
const detail = (more: Partial<TicketDetail> = {}): TicketDetail => ({ ticket, steps: [], acts: ['BEGIN', 'FIX', 'RETURN'], ...more })

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().on('GET', /\/api\/departments/, () => json([{ id: 'police', name: '公安局', nameEn: 'Public Security Bureau' }])).install()
})

describe('a score', () => {
  it('never reads 100 while a row fails', () => {
    expect(shown(1)).toBe('100')
    expect(shown(0.99999)).toBe('99.9')
    expect(shown(0.825)).toBe('82.5')
    expect(step(0.99999)).toBe(4)
    expect(step(0.79)).toBe(0)
  })
})

describe('a rule', () => {
  const quality: ResourceQuality = { rules: [rule], proposals: [], history: [{ at: rule.at, score: { overall: 0.975, characteristics: { ACCURACY: 0.975 } } }], mayChange: false }

  it('says how many rows fail, and who may change it when one may not', async () => {
    hub.on('GET', /\/quality$/, () => json(quality))
    const { wrapper } = await mountPage(QualityCard, { props: { resource: ID, department: '公安局', columns: ['id_number'] }, person: { roles: ['AUDITOR'] } })
    expect(wrapper.text()).toContain('1 / 40 条有问题')
    expect(wrapper.text()).toContain('这份数据由公安局负责')
    expect(wrapper.find('[data-testid="rule-rows"]').exists()).toBe(false)
  })
  it('is not saved before it was tried as it stands', async () => {
    hub.on('POST', /\/attempt$/, () => json({ outcome: rule.newest, sample: null, sql: 'SELECT 1' }))
    hub.on('POST', /\/rules$/, () => json(rule, 201))
    const { wrapper } = await mountPage(RuleEditor, { props: { resource: ID, columns: ['id_number', 'name'], rule: undefined } })
    const save = (): Element => wrapper.find('[data-testid="rule-save"]').element
    expect(save().hasAttribute('disabled')).toBe(true)
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(wrapper.find('[data-testid="rule-trial"]').text()).toContain('40')
    expect(save().hasAttribute('disabled')).toBe(false)
    await wrapper.find('input[maxlength="500"]').setValue('另有说明')
    expect(save().hasAttribute('disabled')).toBe(true)
    expect(hub.of('POST', /\/rules$/)).toBe(0)
  })
  it('that somebody else has just changed is not written over', async () => {
    hub.on('POST', /\/attempt$/, () => json({ outcome: rule.newest, sample: null, sql: 'SELECT 1' }))
    hub.on('PUT', /\/api\/quality\/rules\//, () => refusal(409, 'quality.changed_meanwhile'))
    const { wrapper } = await mountPage(RuleEditor, { props: { resource: ID, columns: ['id_number'], rule } })
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    await wrapper.find('[data-testid="rule-save"]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[role="alert"]').text()).toContain('已有人改过')
    expect(hub.calls.at(-1)?.body).toMatchObject({ seen: 1, rule: { kind: 'CHECK_DIGIT', content: 'ID_NUMBER' } })
  })
})

describe('a ticket', () => {
  it('that is late says so in a word', async () => {
    hub.on('GET', /\/api\/tickets\?/, () => json([ticket]))
    const { wrapper } = await mountPage(TicketsPage, { person: { roles: ['OFFICER'] } })
    expect(wrapper.find('[data-testid="ticket-row"]').text()).toContain('已逾期')
  })
  it('is answered with words, and only once', async () => {
    hub.on('GET', /\/api\/tickets\//, () => json(detail()))
    hub.on('POST', /\/fix$/, () => json(detail({ ticket: { ...ticket, state: 'FIXED' }, acts: [] })))
    const { wrapper } = await mountPage(TicketPage, { at: `/${ID}`, route: '/:id', person: { roles: ['OFFICER'] } })
    await wrapper.find('[data-testid="act-FIX"]').trigger('click')
    const confirm = wrapper.find('[data-testid="ticket-confirm"]')
    expect(confirm.element.hasAttribute('disabled')).toBe(true)
    await wrapper.find('textarea').setValue('已更正')
    await wrapper.find('form').trigger('submit')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(hub.of('POST', /\/fix$/)).toBe(1)
    expect(wrapper.find('[data-testid="ticket-state"]').text()).toContain('待核验')
    expect(wrapper.text()).toContain('下一个快照合格后')
  })
})

describe('a resident', () => {
  const record: OwnRecord = {
    ref: 'abc',
    items: [
      { column: 'name', title: '姓名', value: null, hidden: true },
      { column: 'marital', title: '婚姻状况', value: '未婚', hidden: false },
    ],
  }

  it('is asked one thing at a time, and what is hidden cannot be chosen', async () => {
    hub.on('GET', /\/api\/my\/entries$/, () => json([{ entry: ID, title: '人口登记', summary: '', provider: { id: 'police', name: '公安局', nameEn: 'Public Security Bureau' } }]))
    hub.on('GET', /\/records$/, () => json([record]))
    hub.on('POST', /\/api\/my\/objections$/, () => json({ objection: { id: ID } as Partial<Objection>, steps: [], acts: [] }, 201))
    const { wrapper, router } = await mountPage(RaisePage, { person: { roles: ['RESIDENT'] } })
    expect(wrapper.text()).toContain('第 1 步')
    await wrapper.find('[data-testid="own-entry"]').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('不在网上显示')
    expect(wrapper.find('[data-testid="own-item-name"]').exists()).toBe(false)
    await wrapper.find('[data-testid="own-item-marital"]').trigger('click')
    await wrapper.find('input').setValue('已婚')
    await wrapper.find('textarea').setValue('结婚证')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ entry: ID, record: 'abc', item: 'marital', should: '已婚', reason: '结婚证' })
    expect(router.currentRoute.value.path).toBe(`/my/objections/${ID}`)
  })
  it('keeps what they wrote when it could not be sent', async () => {
    hub.on('GET', /\/api\/my\/entries$/, () => json([{ entry: ID, title: '人口登记', summary: '', provider: { id: 'police', name: '公安局', nameEn: '' } }]))
    hub.on('GET', /\/records$/, () => json([record]))
    hub.on('POST', /\/api\/my\/objections$/, () => refusal(409, 'quality.already_objected'))
    const { wrapper } = await mountPage(RaisePage, { person: { roles: ['RESIDENT'] } })
    await wrapper.find('[data-testid="own-entry"]').trigger('click')
    await flushPromises()
    await wrapper.find('[data-testid="own-item-marital"]').trigger('click')
    await wrapper.find('input').setValue('已婚')
    await wrapper.find('textarea').setValue('结婚证')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('没有提交成功')
    expect((wrapper.find('input').element as HTMLInputElement).value).toBe('已婚')
  })
})

describe('the day', () => {
  it('names what the platform made of the data once, whoever answers for it', async () => {
    const made = { sourceId: null, title: '', rows: 10, last: '2026-11-23T02:00:00Z' }
    const day = { since: '2026-11-22T16:00:00Z', arrived: [{ ...made, departmentId: 'police', tables: 3 }, { ...made, departmentId: 'market', tables: 2 }, { ...made, sourceId: ID, title: '人口库', departmentId: 'police', tables: 4 }], late: [], worse: [], owes: [], undispatched: 0, forBureau: 0 }
    const { wrapper } = await mountPage(DayCards, { props: { day, departments: [] } })
    const lines = wrapper.findAll('[data-testid=day-arrived] li').map((line) => line.text())
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('人口库')
    expect(lines[1]).toContain('5')
    expect(wrapper.get('[data-testid=day-arrived]').text()).toContain('9')
  })
})
