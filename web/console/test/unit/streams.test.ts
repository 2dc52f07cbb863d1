import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import SourceFormPage from '../../src/modules/sources/SourceFormPage.vue'
import SourcePage from '../../src/modules/sources/SourcePage.vue'
import { CHOICES, choiceOf, kindOf, nameFor, wayOf } from '../../src/modules/sources/address'
import { draftOf, settingsOf } from '../../src/modules/sources/apiSettings'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  sessionStorage.clear()
  hub = new Hub().install()
  hub.on('GET', /departments/, () => json([{ id: 'environment', name: '生态环境局', nameEn: 'Environment' }]))
})

const source = (more: object = {}) => ({
  id: 's1',
  name: 'air',
  title: '空气站',
  department: { id: 'environment', name: '生态环境局', nameEn: 'Environment' },
  kind: 'EVENTS',
  location: 'events:',
  username: null,
  settings: {},
  createdAt: '2026-11-23T08:00:00Z',
  lastRun: null,
  nextRunAt: null,
  tables: 0,
  rows: 0,
  ...more,
})
const state = (more: object = {}) => ({ totals: { received: 10, landed: 7, duplicates: 1, quarantined: 2, rejected: 0, lastEventAt: new Date().toISOString() }, minutes: [], devices: 1, silentDevices: 0, hj212Port: null, trouble: null, refusal: null, failure: null, waitingBytes: 0, ...more })

describe('choosing a kind', () => {
  const open = () => mountPage(SourceFormPage, { route: '/sources/new', at: '/sources/new' })
  it('begins each address as its kind is written, and knows it again', () => {
    for (const [choice, { start }] of Object.entries(CHOICES)) expect(choiceOf(start)).toBe(choice)
    expect(wayOf('kafka://h:9092')).toBe('kafka')
    expect(kindOf('mqtts://h')).toBe('EVENTS')
    expect(kindOf('mqtt://')).toBeNull()
    expect(nameFor('events:', 'environment')).toBe('environment_events')
  })
  it('asks for nothing but whose it is when devices come to us, and starts no run', async () => {
    hub.on('POST', /sources$/, () => json(source(), 201))
    const { wrapper, router } = await open()
    await wrapper.get('[data-testid=choose-push]').trigger('click')
    expect(wrapper.find('#location').exists()).toBe(false)
    expect(wrapper.find('[data-testid=save-and-run]').exists()).toBe(false)
    expect(wrapper.find('[data-testid=test-connection]').exists()).toBe(false)
    await wrapper.getComponent('[data-testid=source-department]').setValue('environment')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.method === 'POST')?.body).toMatchObject({ location: 'events:', name: 'environment_events', settings: {}, username: '', password: '' })
    expect(router.currentRoute.value.path).toBe('/sources/s1')
  })
  it('does not forget what was typed for another kind', async () => {
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('jdbc:postgresql://h/db')
    await wrapper.get('[data-testid=choose-mqtt]').trigger('click')
    expect((wrapper.get('#location').element as HTMLInputElement).value).toBe('mqtts://')
    await wrapper.get('[data-testid=choose-database]').trigger('click')
    expect((wrapper.get('#location').element as HTMLInputElement).value).toBe('jdbc:postgresql://h/db')
  })
  it('refuses a broker without topics before asking it, and lets everybody in where it does', async () => {
    hub.on('POST', /test$/, () => json({ ok: true, product: 'MQTT', version: '3.1.1', objects: {}, unreadable: [], estimatedRows: 0, estimatedBytes: 0, millis: 3, previews: [] }))
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('mqtt://broker:1883')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    expect(hub.of('POST', /test$/)).toBe(0)
    await wrapper.get('#setting-topics').setValue('city/+/data')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.path.endsWith('/test'))?.body).toEqual({ location: 'mqtt://broker:1883', username: '', password: '', settings: { topics: 'city/+/data' } })
    expect(wrapper.find('[data-testid=test-result]').exists()).toBe(true)
  })
})

describe('changing a source', () => {
  const database = { kind: 'POSTGRES', location: 'jdbc:postgresql://h/db', username: 'reader' }
  const open = (more: object, wanted = false) => {
    hub.on('GET', /sources\/s1$/, () => json(source(more))).on('GET', /following/, () => json({ wanted }))
    return mountPage(SourceFormPage, { route: '/sources/:id/edit', at: '/sources/s1/edit' })
  }
  it('leaves the password as it is unless another is typed', async () => {
    hub.on('PUT', /sources\/s1$/, () => json({ source: source(), leftBehind: null }))
    const { wrapper, router } = await open(database)
    await wrapper.get('#source-title').setValue('新名称')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.method === 'PUT')?.body).toEqual({ location: 'jdbc:postgresql://h/db', username: 'reader', password: null, settings: {}, title: '新名称', departmentId: 'environment' })
    expect(router.currentRoute.value.path).toBe('/sources/s1')
    expect(sessionStorage.getItem('qiantang.source-draft')).toBeNull()
  })
  it('says what becomes of a followed source before it is saved', async () => {
    const { wrapper } = await open(database, true)
    expect(wrapper.find('[data-testid=edit-consequence]').exists()).toBe(false)
    await wrapper.get('#source-password').setValue('new')
    expect(wrapper.get('[data-testid=edit-consequence]').text()).toContain('不会重新归集')
    await wrapper.get('#location').setValue('jdbc:postgresql://h2/db')
    expect(wrapper.get('[data-testid=edit-consequence]').text()).toContain('全量归集一次')
  })
  it('asks for the password again where it would go to a new place', async () => {
    hub.on('PUT', /sources\/s1$/, () => refusal(400, 'collect.secret_needed'))
    const { wrapper } = await open(database)
    await wrapper.get('#location').setValue('jdbc:postgresql://h2/db')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-invalid=true]').text()).toContain('重新填写密码')
    expect((wrapper.get('#location').element as HTMLInputElement).value).toBe('jdbc:postgresql://h2/db')
  })
  it('names what a former place still keeps when it did not answer', async () => {
    hub.on('PUT', /sources\/s1$/, () => json({ source: source(), leftBehind: 'qt_0a1b_air_1' }))
    const { wrapper } = await open(database, true)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=left-behind]').text()).toContain('qt_0a1b_air_1')
  })
  it('sends back what an API was told though no field shows it', () => {
    const settings = { auth: 'header', retries: '2', resources: JSON.stringify([{ name: 'a', headers: { 'X-Tenant': '1' }, paging: { step: 'PAGE', param: 'p', size: 50, odd: 1 }, since: { param: 's', field: 'f', key: ['id'], format: 'yyyy', overlapSeconds: 9 } }]) }
    const back = settingsOf(draftOf(settings))
    expect({ ...back, resources: JSON.parse(back.resources ?? '') as unknown }).toEqual({ ...settings, resources: JSON.parse(settings.resources) as unknown })
  })
})

describe('a stream', () => {
  const devices = [{ device: 'station-1', title: '', gateway: false, hasToken: true, registeredAt: '2026-11-23T08:00:00Z', registeredBy: 'e', releasing: false, events: 3, lastEventAt: null }]
  const open = async (more: object = {}, person: object = {}) => {
    hub
      .on('GET', /sources\/s1$/, () => json(source()))
      .on('GET', /runs$/, () => json([]))
      .on('GET', /s1\/events/, () => json(state(more)))
      .on('GET', /devices/, () => json(devices))
      .on('GET', /quarantine/, () => json([{ device: 'lot-7', events: 5, firstAt: '2026-11-23T08:00:00Z', lastAt: '2026-11-23T09:00:00Z' }]))
    return mountPage(SourcePage, { route: '/sources/:id', at: '/sources/s1', person })
  }
  it('offers no run, and shows how to send', async () => {
    const { wrapper } = await open()
    expect(wrapper.find('[data-testid=run-now]').exists()).toBe(false)
    expect(wrapper.get('[data-testid=stream]').text()).toContain('/api/events/air')
    expect(wrapper.get('[data-testid=stream-quarantined]').text()).toBe('2')
  })
  it('shows a token once, and only when it is asked to close forgets it', async () => {
    hub.on('POST', /devices$/, () => json({ token: 'qte_secret' }, 201))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=register-device]').trigger('click')
    await flushPromises()
    const input = document.querySelector<HTMLInputElement>('#device-number')!
    input.value = 'station-2'
    input.dispatchEvent(new Event('input'))
    await flushPromises()
    document.querySelector<HTMLFormElement>('#register')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(document.querySelector('[data-testid=device-token]')?.textContent).toBe('qte_secret')
    document.querySelector<HTMLElement>('[data-testid=token-kept]')!.click()
    await flushPromises()
    expect(document.body.innerHTML).not.toContain('qte_secret')
  })
  it('registers a stranger under the number it already has', async () => {
    const { wrapper } = await open()
    await wrapper.get('[data-testid=stranger-lot-7] button').trigger('click')
    await flushPromises()
    expect(document.querySelector<HTMLInputElement>('#device-number')?.value).toBe('lot-7')
  })
  it('says why nothing comes', async () => {
    const { wrapper } = await open({ trouble: 'connection refused' })
    expect(wrapper.get('[data-testid=stream-trouble]').text()).toContain('connection refused')
  })
})
