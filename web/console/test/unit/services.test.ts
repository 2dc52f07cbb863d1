import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { DataService, ServiceClient, ServiceDefinition, ServiceDetail } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import { blank, filterOn, parametersIn, parameterType } from '../../src/modules/services/definition'
import ServicePage from '../../src/modules/services/ServicePage.vue'
import ServicesPage from '../../src/modules/services/ServicesPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const civil = { id: 'civil', name: '民政局', nameEn: 'Civil Affairs' }
const police = { id: 'police', name: '公安局', nameEn: 'Public Security Bureau' }
const definition: ServiceDefinition = { ...blank(), title: '常住人口核验', table: 'raw_police.resident', fields: [{ name: 'id_number', title: '公民身份号码', type: 'VARCHAR' }, { name: 'area', title: '区划', type: 'VARCHAR' }], parameters: [filterOn('area', '区划', 'VARCHAR', 'EQUALS')], personal: true }
const version = (more: Partial<DataService['versions'][number]> = {}): DataService['versions'][number] => ({ service: 'residents', number: 1, state: 'PUBLISHED', definition, revision: 3, changedBy: 'lin', changedAt: '2026-11-28T02:00:00Z', publishedAt: '2026-11-28T02:00:00Z', deprecatedAt: null, sunsetAt: null, retiredAt: null, ...more })
const whole = (more: Partial<DataService['versions'][number]> = {}, mayChange = true): ServiceDetail => ({ service: { name: 'residents', department: police, versions: [version(more)] }, mayChange })
const client: ServiceClient = { id: 'rescue', department: civil, title: '社会救助系统', createdBy: 'shen', createdAt: '2026-11-28T02:00:00Z', revokedAt: null, scopes: ['SERVICES'], credentials: [{ id: '00000000-0000-4000-8000-000000000001', kind: 'KEY', fingerprint: 'abcdefghijklmnop', publicKey: '{}', createdAt: '2026-11-28T02:00:00Z', expiresAt: null, revokedAt: null }] }

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().install()
})
const open = (person = {}) => mountPage(ServicePage, { route: '/data-services/:name', at: '/data-services/residents', person: { roles: ['OFFICER'], department: civil, ...person } })

describe('a statement', () => {
  it('has the parameters that the hub will find in it, and no others', () => {
    expect(parametersIn(`SELECT ':no', ":no", x::DATE -- :no\n/* :no */ FROM t WHERE a = :area AND b > :since AND c = :area`)).toEqual(['area', 'since'])
  })
  it('selects by values of its columns types', () => {
    expect(parameterType('BIGINT')).toBe('INTEGER')
    expect(parameterType('DECIMAL(10,2)')).toBe('DECIMAL')
    expect(parameterType('TIMESTAMP WITH TIME ZONE')).toBe('TIMESTAMP')
    expect(parameterType('VARCHAR')).toBe('TEXT')
  })
})

describe('the list', () => {
  it('teaches who may make one how, and nobody else', async () => {
    hub.on('GET', /services/, () => json([]))
    const officer = await mountPage(ServicesPage, { person: { roles: ['OFFICER'], department: civil } })
    expect(officer.wrapper.get('[data-testid=empty-state]').text()).toContain('新建服务')
    const analyst = await mountPage(ServicesPage, { person: { roles: ['ANALYST'] } })
    expect(analyst.wrapper.find('[data-testid=service-new]').exists()).toBe(false)
    expect(analyst.wrapper.find('[data-testid=tab-CLIENTS]').exists()).toBe(false)
  })
  it('lets a client do more, or less, at once', async () => {
    hub.on('GET', /clients/, () => json([client])).on('GET', /departments/, () => json([civil])).on('GET', /services/, () => json([]))
    hub.on('PUT', /scopes/, () => json({ ...client, scopes: ['SERVICES', 'SUBSCRIPTIONS'] }))
    const { wrapper } = await mountPage(ServicesPage, { at: '/?tab=CLIENTS', person: { roles: ['OFFICER'], department: civil } })
    expect(wrapper.get('[data-testid=client-row]').text()).toContain('调用服务')
    await wrapper.get('[data-testid=scope-rescue]').trigger('click')
    await flushPromises()
    document.querySelector<HTMLInputElement>('[data-testid=scope-SUBSCRIPTIONS] input, input[data-testid=scope-SUBSCRIPTIONS]')!.click()
    await flushPromises()
    document.querySelector<HTMLFormElement>('.el-dialog form')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'PUT')?.body).toEqual({ scopes: ['SERVICES', 'SUBSCRIPTIONS'] })
  })
  it('is made of a resource that is found by words', async () => {
    hub.on('GET', /services/, () => json([])).on('GET', /resources/, () => json({ items: [{ id: '1', name: 'resident', title: '常住人口', lakeTable: 'raw_police.public__resident', department: police }], total: 1 }))
    const { wrapper } = await mountPage(ServicesPage, { person: { roles: ['OFFICER'], department: police } })
    await wrapper.get('[data-testid=service-new]').trigger('click')
    await flushPromises()
    const field = document.querySelector<HTMLInputElement>('[data-testid=definition-table] input, input[data-testid=definition-table]')!
    field.value = '人口'
    field.dispatchEvent(new Event('input'))
    await vi.waitFor(() => expect(document.body.textContent).toContain('常住人口'))
    expect(hub.of('GET', /resources/)).toBeGreaterThan(0)
  })
  it('shows a secret once and revokes a client only by its name', async () => {
    hub.on('GET', /clients/, () => json([client])).on('GET', /departments/, () => json([civil])).on('GET', /services/, () => json([]))
    hub.on('POST', /credentials/, () => json({ client, secret: 'once-only' }, 201)).on('POST', /revoke/, () => json({ ...client, revokedAt: '2026-11-28T03:00:00Z' }))
    const { wrapper } = await mountPage(ServicesPage, { at: '/?tab=CLIENTS', person: { roles: ['OFFICER'], department: civil } })
    await wrapper.get('[data-testid=add-rescue]').trigger('click')
    await flushPromises()
    document.querySelector<HTMLFormElement>('.el-dialog form')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ publicKey: null, certificate: null, subject: null })
    expect(wrapper.get('[data-testid=secret]').text()).toContain('once-only')
    await wrapper.get('[data-testid=revoke-rescue]').trigger('click')
    await flushPromises()
    const sure = document.querySelector<HTMLButtonElement>('[data-testid=revoke-sure]')!
    expect(sure.disabled).toBe(true)
  })
})

describe('a service', () => {
  it('is published after a word about what that means', async () => {
    hub.on('GET', /services\/residents/, () => json(whole({ state: 'DRAFT' }))).on('POST', /publish/, () => json(whole()))
    const { wrapper } = await open({ department: police })
    await wrapper.get('[data-testid=act-publish]').trigger('click')
    expect(wrapper.text()).toContain('不能再改')
    await wrapper.get('form.say').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=version-state]').text()).toContain('已发布')
  })
  it('cannot be changed by who may only call it', async () => {
    hub.on('GET', /services\/residents/, () => json(whole({}, false)))
    const { wrapper } = await open()
    expect(wrapper.find('[data-testid=act-retire]').exists()).toBe(false)
    expect(wrapper.get('[data-testid=service-page]').text()).toContain('GET /services/residents/v1')
  })
  it('is tried with the errand percent-encoded, and says why not', async () => {
    hub.on('GET', /services\/residents$/, () => json(whole({}, false))).on('GET', /\/try/, () => refusal(403, 'invoke.no_grant'))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=value-area]').setValue('330106001')
    await wrapper.get('[data-testid=try-operator]').setValue('窗口 3 号')
    await wrapper.get('[data-testid=try-card] form').trigger('submit')
    await flushPromises()
    const call = hub.calls.find((one) => one.path.includes('/try'))!
    expect(call.path).toContain('area=330106001')
    expect(call.headers['X-Operator']).toBe(encodeURIComponent('窗口 3 号'))
    expect(call.headers['X-Case']).toBeUndefined()
    expect(wrapper.text()).toContain('中文：invoke.no_grant')
  })
  it('never lets made-up rows be taken for real ones', async () => {
    hub.on('GET', /services\/residents$/, () => json(whole({}, false))).on('GET', /\/mock/, () => json({ service: 'residents', version: 'v1', madeUp: true, rows: [{ id_number: '示例-1', area: '示例-2' }] }))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=mock]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-testid=made-up]').text()).toContain('不是真实数据')
    expect(wrapper.find('[data-testid=try-rows]').exists()).toBe(false)
  })
})
