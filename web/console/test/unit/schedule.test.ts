import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import ScheduleCard from '../../src/modules/sources/ScheduleCard.vue'
import { readRhythm, writeRhythm } from '../../src/modules/sources/rhythm'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

const PLAN = {
  enabled: true,
  rhythm: 'weekly MON,THU 02:30',
  days: 'WORKING',
  windowFrom: '22:00:00',
  windowTo: '06:00:00',
  priority: 0,
  connections: 2,
  rowsPerSecond: null,
  verifyRhythm: 'weekly SUN 04:00',
  verifyValues: true,
  nextVerification: '2026-11-28T20:00:00Z',
  zone: 'Asia/Shanghai',
  nextTimes: ['2026-11-30T18:30:00Z', '2026-12-03T18:30:00Z'],
  lastAt: '2026-11-26T18:30:00Z',
  lastRun: 'run-7',
  lastSkipped: true,
  changedAt: '2026-11-20T00:00:00Z',
  changedBy: 'engineer',
}

describe('a schedule', () => {
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    hub = new Hub().install()
  })
  it('says in words when it runs next and what it left out', async () => {
    hub.on('GET', /schedule$/, () => json(PLAN))
    const { wrapper } = await mountPage(ScheduleCard, { props: { source: 's-1' } })
    expect(wrapper.get('[data-testid=schedule-words]').text()).toBe('每周一、四 02:30 · 只在工作日 · 22:00 至 06:00 之间')
    expect(wrapper.findAll('.times li')).toHaveLength(2)
    expect(wrapper.get('[data-testid=schedule-verification]').text()).toContain('逐值')
    expect(wrapper.get('[data-testid=schedule-skipped]').text()).toContain('跳过了一次')
  })
  it('keeps what it had when only one thing is changed', async () => {
    hub.on('GET', /schedule$/, () => json(PLAN)).on('PUT', /schedule$/, () => json(PLAN))
    const { wrapper } = await mountPage(ScheduleCard, { props: { source: 's-1' } })
    await wrapper.get('[data-testid=schedule-edit]').trigger('click')
    await wrapper.get('#schedule-rows').setValue('5000')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'PUT')?.body).toEqual({ enabled: true, rhythm: 'weekly MON,THU 02:30', days: 'WORKING', windowFrom: '22:00', windowTo: '06:00', priority: 0, connections: 2, rowsPerSecond: 5000, verifyRhythm: 'weekly SUN 04:00', verifyValues: true })
  })
  it('is offered where there is none, and a refusal keeps the form', async () => {
    hub.on('GET', /schedule$/, () => refusal(404, 'core.not_found')).on('PUT', /schedule$/, () => refusal(400, 'collect.bad_schedule'))
    const { wrapper } = await mountPage(ScheduleCard, { props: { source: 's-1' } })
    expect(wrapper.text()).toContain('还没有计划')
    await wrapper.get('[data-testid=schedule-edit]').trigger('click')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('collect.bad_schedule')
    expect(wrapper.find('form').exists()).toBe(true)
  })
  it('is written as it is read', () => {
    for (const text of ['every 15 minutes', 'daily 02:30', 'weekly MON,THU 02:30', 'cron 0 2 1 * *']) expect(writeRhythm(readRhythm(text))).toBe(text)
  })
})
