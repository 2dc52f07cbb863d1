import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import CalendarPage from '../../src/modules/calendar/CalendarPage.vue'
import { isWeekend, monthsOf, readDays } from '../../src/modules/calendar/days'
import SchemaCard from '../../src/modules/catalogue/SchemaCard.vue'
import SourcePage from '../../src/modules/sources/SourcePage.vue'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
})
const usual = { free: '放假', working: '调休上班' }

describe('a pasted arrangement of holidays', () => {
  it('is read line by line, stretches of days included', () => {
    const read = readDays('2026年10月1日至2026年10月3日 国庆节\n\n2026-10-10 班 调休\n2026/2/28，上班', 2026, usual)
    expect(read).toEqual({
      days: [
        { day: '2026-10-01', working: false, name: '国庆节' },
        { day: '2026-10-02', working: false, name: '国庆节' },
        { day: '2026-10-03', working: false, name: '国庆节' },
        { day: '2026-10-10', working: true, name: '调休' },
        { day: '2026-02-28', working: true, name: '调休上班' },
      ],
    })
  })
  it('may be what the interface takes', () => {
    expect(readDays('[{"day":"2026-10-01","working":false,"name":"国庆节"}]', 2026, usual)).toEqual({ days: [{ day: '2026-10-01', working: false, name: '国庆节' }] })
  })
  it('is refused with the line that cannot be read, and nothing of it is taken', () => {
    expect(readDays('2026-10-01 国庆节\n十月二日', 2026, usual)).toEqual({ line: 2, text: '十月二日', why: 'wrongLine' })
    expect(readDays('2026-02-30 x', 2026, usual)).toMatchObject({ line: 1, why: 'wrongLine' })
    expect(readDays('2026-10-03 至 2026-10-01 x', 2026, usual)).toMatchObject({ why: 'wrongLine' })
    expect(readDays('2025-10-01 国庆节', 2026, usual)).toMatchObject({ why: 'otherYear' })
    expect(readDays('[{"day":"tomorrow"}]', 2026, usual)).toMatchObject({ why: 'wrongLine' })
  })
  it('knows leap years and weekends', () => {
    expect(monthsOf(2028)[1]).toHaveLength(29)
    expect(isWeekend('2026-10-10')).toBe(true)
    expect(isWeekend('2026-10-09')).toBe(false)
  })
})

describe('the calendar', () => {
  const open = (person: object = {}) => {
    hub.on('GET', /calendar\/2026/, () => json([{ day: '2026-10-01', working: false, name: '国庆节' }]))
    return mountPage(CalendarPage, { route: '/calendar', at: '/calendar?year=2026', person })
  }
  it('turns a day and saves only what differs from its weekday', async () => {
    hub.on('PUT', /calendar\/2026/, () => json([{ day: '2026-10-10', working: true, name: '调休上班' }]))
    const { wrapper } = await open()
    await wrapper.get('[data-testid="day-2026-10-01"]').trigger('click')
    await wrapper.get('[data-testid="day-2026-10-10"]').trigger('click')
    await wrapper.get('[data-testid="day-2026-10-11"]').trigger('click')
    await wrapper.get('[data-testid="day-2026-10-11"]').trigger('click')
    await wrapper.get('[data-testid=calendar-save]').trigger('click')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.method === 'PUT')?.body).toEqual([{ day: '2026-10-10', working: true, name: '调休上班' }])
    expect(wrapper.text()).toContain('已保存')
  })
  it('keeps the changes when they could not be saved', async () => {
    hub.on('PUT', /calendar\/2026/, () => refusal(400, 'collect.bad_schedule'))
    const { wrapper } = await open()
    await wrapper.get('[data-testid="day-2026-10-02"]').trigger('click')
    await wrapper.get('[data-testid=calendar-save]').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('您的修改都还在')
    expect(wrapper.get('[data-testid="day-2026-10-02"]').classes()).toContain('set')
  })
  it('can be read but not changed by others', async () => {
    const { wrapper } = await open({ roles: ['OFFICER'] })
    expect(wrapper.find('[data-testid=calendar-save]').exists()).toBe(false)
    expect(wrapper.get('[data-testid="day-2026-10-01"]').attributes('disabled')).toBeDefined()
  })
})

describe('structure versions', () => {
  const versions = [
    { version: 2, at: '2026-11-23T08:00:00Z', runId: null, position: '0/17', columns: 3, changes: [{ kind: 'COLUMN_RENAMED', name: 'full_name', from: 'name', to: null }, { kind: 'KEY_CHANGED', name: '', from: null, to: 'id' }] },
    { version: 1, at: '2026-11-20T08:00:00Z', runId: 'r1', position: '0/16', columns: 2, changes: [] },
  ]
  it('are said in words, and ask to be taken note of until they are', async () => {
    let unseen = true
    hub.on('GET', /schemas$/, () => json({ versions, unseen })).on('POST', /schemas\/seen\?resource=x/, () => ((unseen = false), new Response(null, { status: 204 })))
    const { wrapper } = await mountPage(SchemaCard, { props: { resource: 'x' }, person: { roles: ['OFFICER'] } })
    expect(wrapper.get('[data-testid=schema-2]').text()).toContain('列 name 改名为 full_name')
    expect(wrapper.get('[data-testid=schema-2]').text()).toContain('主键设为 id')
    expect(wrapper.get('[data-testid=schema-2]').text()).toContain('0/17')
    await wrapper.get('[data-testid=schema-seen]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-testid=schema-seen]').exists()).toBe(false)
  })
})

describe('an interface that is read by its changes', () => {
  const source = (settings: object) => ({ id: 's1', name: 'permits', title: '许可', department: { id: 'm', name: '市场监管局', nameEn: 'Market' }, kind: 'API', location: 'https://h/api', username: null, settings, createdAt: '2026-11-23T08:00:00Z', lastRun: null, nextRunAt: null, tables: 0, rows: 0 })
  const open = (settings: object) => {
    hub
      .on('GET', /sources\/s1$/, () => json(source(settings)))
      .on('GET', /runs$/, () => json([]))
      .on('GET', /schedule$/, () => refusal(404, 'core.not_found'))
    return mountPage(SourcePage, { route: '/sources/:id', at: '/sources/s1' })
  }
  it('can be read in full again', async () => {
    hub.on('POST', /runs/, () => json({ id: 'r1' }, 202))
    const { wrapper } = await open({ resources: '[{"name":"a","since":{"param":"s"}}]' })
    await wrapper.get('[data-testid=run-in-full]').trigger('click')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.method === 'POST')?.path).toContain('full=true')
  })
  it('is not offered what it always does', async () => {
    const { wrapper } = await open({})
    expect(wrapper.find('[data-testid=run-in-full]').exists()).toBe(false)
  })
})
