import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DeadLetter, LedgerDay, Subscription } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import SubscriptionPage from '../../src/modules/exchange/SubscriptionPage.vue'
import SubscriptionsCard from '../../src/modules/exchange/SubscriptionsCard.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const ID = '00000000-0000-4000-8000-000000000001'
const civil = { id: 'civil', name: '民政局', nameEn: 'Civil Affairs' }
const police = { id: 'police', name: '公安局', nameEn: 'Public Security Bureau' }
const subscription = (more: Partial<Subscription> = {}): Subscription => ({ id: ID, grant: ID, department: 'civil', table: { namespace: 'raw_police', name: 'resident' }, title: '户籍变更', delivery: 'WEBHOOK', url: 'https://in.example/', state: 'ACTIVE', owner: 'shen', createdAt: '2026-11-23T02:00:00Z', halt: null, position: 'AAAA', sent: 'AAAA', waiting: 3, deliveredAt: null, attempts: 0, nextAt: null, failure: null, deadLetters: 0, ...more })
const day: LedgerDay = { day: '2026-11-23', offered: 4, delivered: 4, acknowledged: 1, withdrawn: 0, dead: 3, position: 'AAAA' }
const letter: DeadLetter = { id: ID, step: 2, first: 1, events: 3, at: '2026-11-23T02:00:00Z', attempts: 8, failure: 'HTTP 422', state: 'WAITING', settledBy: null, settledAt: null, note: null }

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().install()
})
const props = { grant: ID, recipient: 'civil', inForce: true, tables: [{ namespace: 'raw_police', name: 'resident' }] }
const officer = { roles: ['OFFICER' as const], department: civil }

describe('the subscriptions of a grant', () => {
  it('can be made by its recipient alone, and only while it is in force', async () => {
    hub.on('GET', /subscriptions/, () => json([]))
    expect((await mountPage(SubscriptionsCard, { props, person: officer })).wrapper.find('[data-testid=subscribe]').exists()).toBe(true)
    expect((await mountPage(SubscriptionsCard, { props, person: { roles: ['OFFICER'], department: police } })).wrapper.find('[data-testid=subscribe]').exists()).toBe(false)
    expect((await mountPage(SubscriptionsCard, { props: { ...props, inForce: false }, person: officer })).wrapper.find('[data-testid=subscribe]').exists()).toBe(false)
  })
  it('show a secret once and keep what was written when it is refused', async () => {
    let allowed = false
    hub.on('GET', /subscriptions/, () => json([])).on('POST', /subscriptions/, () => (allowed ? json({ subscription: subscription(), secret: 'whsec_once' }) : refusal(400, 'exchange.receiver_not_allowed')))
    const { wrapper } = await mountPage(SubscriptionsCard, { props, person: officer })
    await wrapper.get('[data-testid=subscribe]').trigger('click')
    await wrapper.get('[data-testid=subscribe-title]').setValue('户籍变更')
    await wrapper.get('[data-testid=delivery-WEBHOOK] input').setValue(true)
    await wrapper.get('[data-testid=subscribe-url]').setValue('https://10.0.0.1/')
    await wrapper.get('[data-testid=subscribe-form]').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('exchange.receiver_not_allowed')
    expect((wrapper.get('[data-testid=subscribe-url]').element as HTMLInputElement).value).toBe('https://10.0.0.1/')
    allowed = true
    await wrapper.get('[data-testid=subscribe-form]').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=secret-once]').text()).toContain('whsec_once')
    await wrapper.get('[data-testid=secret-seen]').trigger('click')
    expect(wrapper.text()).not.toContain('whsec_once')
  })
})

describe('a subscription', () => {
  const open = (person: object = officer) => mountPage(SubscriptionPage, { route: '/share/subscriptions/:id', at: `/share/subscriptions/${ID}`, person })
  const serve = (one: Subscription, letters: DeadLetter[] = []) => hub.on('GET', /ledger/, () => json([day])).on('GET', /letters/, () => json(letters)).on('GET', /subscriptions\/[^/]+$/, () => json(one))
  it('says why nothing comes, and what both sides can count', async () => {
    serve(subscription({ halt: { code: 'catalog.no_such_grant', zh: '授权已暂停', en: 'Suspended', since: '2026-11-23T02:00:00Z' } }))
    const { wrapper } = await open()
    expect(wrapper.get('[data-testid=halt]').text()).toContain('授权已暂停')
    expect(wrapper.get('[data-testid=waiting]').text()).toContain('3 条')
    expect(wrapper.get('[data-testid=ledger-day] [role=img]').attributes('aria-label')).toBe('已确认 25%')
  })
  it('keeps the address until the new one has proved itself', async () => {
    let proved = false
    hub.on('GET', /ledger$/, () => json([])).on('GET', /letters$/, () => json([])).on('GET', /subscriptions\/[^/]+$/, () => json(subscription()))
    hub.on('PUT', /address$/, () => (proved ? json(subscription({ url: 'https://new.example/' })) : refusal(409, 'exchange.not_proved')))
    const { wrapper } = await mountPage(SubscriptionPage, { route: '/subscriptions/:id', at: `/subscriptions/${ID}`, person: officer })
    await wrapper.get('[data-testid=move]').trigger('click')
    expect(wrapper.get('[data-testid=move-save]').attributes('disabled')).toBeDefined()
    await wrapper.get('input[data-testid=move-url], [data-testid=move-url] input').setValue('https://new.example/')
    await wrapper.get('[data-testid=move-save]').element.closest('form')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(wrapper.text()).toContain('exchange.not_proved')
    expect(wrapper.find('[data-testid=move-url]').exists()).toBe(true)
    proved = true
    wrapper.get('[data-testid=move-save]').element.closest('form')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(hub.calls.filter((call) => call.method === 'PUT').at(-1)?.body).toEqual({ url: 'https://new.example/' })
    expect(wrapper.find('[data-testid=move-url]').exists()).toBe(false)
  })
  it('is not ended by one click', async () => {
    serve(subscription()).on('POST', /end/, () => json(subscription({ state: 'ENDED' })))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=act-end]').trigger('click')
    expect(hub.of('POST', /end/)).toBe(0)
    expect(wrapper.text()).toContain('终止后不能恢复')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.of('POST', /end/)).toBe(1)
  })
  it('discards what was not taken only with a reason', async () => {
    serve(subscription(), [letter]).on('POST', /discard/, () => json([{ ...letter, state: 'DISCARDED', note: '测试数据' }]))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=discard]').trigger('click')
    expect(wrapper.get('[data-testid=discard-sure]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-testid=discard-note]').setValue('测试数据')
    await wrapper.get('[data-testid=letter] form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ words: '测试数据' })
  })
  it('is only looked at by whoever gave the grant', async () => {
    serve(subscription(), [letter])
    const { wrapper } = await open({ roles: ['OFFICER'], department: police })
    expect(wrapper.find('[data-testid=act-end]').exists()).toBe(false)
    expect(wrapper.find('[data-testid=redeliver]').exists()).toBe(false)
    expect(wrapper.get('[data-testid=letter]').text()).toContain('HTTP 422')
  })
})
