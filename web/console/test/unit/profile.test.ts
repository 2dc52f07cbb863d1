import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Profile, ProfileAlarm, ProfileColumn } from '@qiantang/api'
import AlarmsPage from '../../src/modules/catalogue/AlarmsPage.vue'
import ProfileCard from '../../src/modules/catalogue/ProfileCard.vue'
import { line } from '../../src/modules/catalogue/profile'
import { Hub, json, mountPage, refusal } from './mounting'

let hub: Hub
beforeEach(() => {
  hub = new Hub().install()
})

const amount: ProfileColumn = {
  profile: { column: 'amount', type: 'long', rows: 1000, nulls: 250, distinct: 700, counted: false, lengths: null, sampled: 256, once: 200, patterns: [], values: { lowest: '1', highest: '9000', quantiles: ['2', '5', '90', '300', '800', '2000', '8000'], bins: [900, 50, 0, 50], top: [], newest: null } },
  comment: '金额',
  level: 'L1',
  hidden: false,
}
const phone: ProfileColumn = {
  profile: { column: 'phone', type: 'string', rows: 1000, nulls: 0, distinct: 990, counted: false, lengths: { shortest: 11, mean: 11, longest: 11 }, sampled: 256, once: 250, patterns: [{ shape: '9{11}', values: 256 }], values: null },
  comment: null,
  level: 'L3',
  hidden: true,
}
const alarm = (more: Partial<ProfileAlarm> = {}): ProfileAlarm => ({ id: 7, resource: 'x', title: '登记', lakeTable: 'raw_police.t', department: { id: 'police', name: '公安局', nameEn: 'Police' }, field: 'amount', comment: '金额', kind: 'NULLS', state: 'OPEN', raisedAt: '2026-11-23T08:00:00Z', before: ['0.0200'], now: ['0.2500'], seenAt: null, seenBy: null, settledAt: null, settledBy: null, note: null, mayAct: true, ...more })
const profile = (more: Partial<Profile> = {}): Profile => ({
  at: '2026-11-23T08:00:00Z',
  snapshotId: '9',
  rows: 1000,
  current: true,
  columns: [amount, phone],
  history: [
    { at: '2026-11-22T08:00:00Z', snapshotId: '8', rows: 900, columns: { amount: { nulls: 18, distinct: 700 } } },
    { at: '2026-11-23T08:00:00Z', snapshotId: '9', rows: 1000, columns: { amount: { nulls: 250, distinct: 700 } } },
  ],
  alarms: [],
  ...more,
})
const card = async (answer: Profile) => {
  hub.on('GET', /profile$/, () => json(answer))
  return (await mountPage(ProfileCard, { props: { resource: 'x' } })).wrapper
}

describe('a profile', () => {
  it('shows nulls, different values, range and how it was before', async () => {
    const wrapper = await card(profile())
    const row = wrapper.get('[data-testid=profile-amount]')
    expect(row.text()).toContain('25')
    expect(row.text()).toContain('≈ 700')
    expect(row.text()).toContain('1 – 9000')
    expect(row.findAll('rect')).toHaveLength(4)
    expect(row.get('svg.bins').attributes('aria-label')).toContain('300')
    await row.get('button').trigger('click')
    expect(row.get('button').attributes('aria-expanded')).toBe('true')
    expect(wrapper.text()).toContain('8000')
    expect(wrapper.text()).toMatch(/2.*% → 25.*%/)
  })
  it('says that a sensitive column is hidden and shows its shape', async () => {
    const wrapper = await card(profile())
    const row = wrapper.get('[data-testid=profile-phone]')
    expect(row.text()).toContain('9{11}')
    expect(row.text()).toContain('脱敏')
    expect(row.find('rect').exists()).toBe(false)
  })
  it('says that the data has moved on since', async () => {
    expect((await card(profile())).find('[data-testid=profile-moved]').exists()).toBe(false)
    expect((await card(profile({ current: false }))).get('[data-testid=profile-moved]').text()).toContain('此后数据又有变化')
  })
  it('teaches where it comes from while there is none, and says when it cannot be read', async () => {
    expect((await card(profile({ at: null, snapshotId: null, columns: [], history: [] }))).text()).toContain('还没有量过')
    hub.on('GET', /profile$/, () => refusal(503, 'catalog.lake_unavailable'))
    expect((await mountPage(ProfileCard, { props: { resource: 'x' } })).wrapper.text()).toContain('数据概貌没能读出来')
  })
  it('draws a line that stays in its box, whatever the values', () => {
    expect(line([3, 3, 3], 120, 24)).toBe('0.0,23.0 60.0,23.0 120.0,23.0')
    expect(line([0, 10], 120, 24)).toBe('0.0,23.0 120.0,1.0')
    expect(line([5], 120, 24)).toBe('0,12 120,12')
  })
})

describe('changes in data', () => {
  const open = async (items: ProfileAlarm[]) => {
    hub.on('GET', /profile-alarms/, () => json({ total: items.length, items }))
    return (await mountPage(AlarmsPage, { at: '/alarms', route: '/alarms' })).wrapper
  }
  it('are sentences, each kind its own, and hide what must be hidden', async () => {
    const wrapper = await open([
      alarm(),
      alarm({ id: 1, field: null, kind: 'ROWS', before: ['1000'], now: ['400'] }),
      alarm({ id: 2, kind: 'RANGE', before: ['0', '100'], now: ['-9000', '100'] }),
      alarm({ id: 3, kind: 'RANGE', before: [], now: [] }),
      alarm({ id: 4, kind: 'PATTERN', before: ['9{6}'], now: ['汉{3}', '0.4000'] }),
      alarm({ id: 5, kind: 'LATE', before: ['21600'], now: ['2026-11-06T20:00:00Z', '2026-11-09T02:00:00Z'] }),
    ])
    expect(wrapper.get('[data-testid=alarm-7]').text()).toContain('空值由')
    expect(wrapper.get('[data-testid=alarm-1]').text()).toContain('行数由 1,000 降到 400')
    expect(wrapper.get('[data-testid=alarm-2]').text()).toContain('取值范围由 0 – 100 变为 -9000 – 100')
    expect(wrapper.get('[data-testid=alarm-3]').text()).toContain('不显示取值')
    expect(wrapper.get('[data-testid=alarm-4]').text()).toContain('汉{3}')
    expect(wrapper.get('[data-testid=alarm-5]').text()).toContain('最新时间停在')
  })
  it('are seen with one click and settled with a reason', async () => {
    let state: ProfileAlarm['state'] = 'OPEN'
    hub.on('POST', /7\/seen$/, () => ((state = 'SEEN'), new Response(null, { status: 204 }))).on('POST', /7\/settle$/, () => ((state = 'SETTLED'), new Response(null, { status: 204 })))
    hub.on('GET', /profile-alarms/, () => json({ total: 1, items: [alarm({ state, seenBy: '陈工' })] }))
    const { wrapper } = await mountPage(AlarmsPage, { at: '/alarms', route: '/alarms' })
    await wrapper.get('[data-testid=alarm-see]').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('陈工 已知悉')
    await wrapper.get('[data-testid=alarm-settle]').trigger('click')
    expect(wrapper.get('[data-testid=alarm-settled]').attributes('disabled')).toBeDefined()
    await wrapper.get('input').setValue('业务停办')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.method === 'POST')?.body).toEqual({ note: '业务停办' })
  })
  it('offer nothing to whom they do not belong, and keep what was written when it could not be stored', async () => {
    expect((await open([alarm({ mayAct: false })])).find('[data-testid=alarm-see]').exists()).toBe(false)
    hub.on('POST', /settle$/, () => refusal(403, 'catalog.not_your_alarm'))
    const wrapper = await open([alarm()])
    await wrapper.get('[data-testid=alarm-settle]').trigger('click')
    await wrapper.get('input').setValue('业务停办')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('没能记下')
    expect((wrapper.get('input').element as HTMLInputElement).value).toBe('业务停办')
  })
  it('say so when there are none', async () => {
    expect((await open([])).text()).toContain('没有待查看的提醒')
  })
})
