import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseLocale } from '../../src/i18n'
import AccountsPage from '../../src/modules/accounts/AccountsPage.vue'
import ReturnPage from '../../src/modules/sign-in/ReturnPage.vue'
import SignInPage from '../../src/modules/sign-in/SignInPage.vue'
import { remember } from '../../src/modules/sign-in/next'
import { useSession } from '../../src/session'
import { Hub, json, mountPage, refusal } from './mounting'

const PROVIDERS = [{ id: 'city', name: '全市统一认证', nameEn: 'City staff', issuer: 'https://id.example' }]
const person = { username: 'officer', displayName: '', roles: ['OFFICER'], department: null, obligations: [], provider: 'city' }
const done = (): Response => new Response(null, { status: 204 })

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  sessionStorage.clear()
  hub = new Hub().install()
})

describe('signing in by a provider', () => {
  it('goes where the hub says, and says so when the provider is away while passwords still work', async () => {
    hub.on('GET', /session\/oidc$/, () => json(PROVIDERS)).on('POST', /oidc\/city\/request$/, () => refusal(503, 'oidc.unreachable'))
    const { wrapper } = await mountPage(SignInPage, { at: '/sign-in?next=/runs' })
    useSession().person = null
    await wrapper.get('[data-testid=provider-city]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-testid=sign-in-error]').text()).toContain('中文：oidc.unreachable')
    expect(wrapper.find('[data-testid=sign-in-submit]').exists()).toBe(true)

    const assign = vi.fn()
    vi.stubGlobal('location', { ...window.location, assign })
    hub.on('POST', /oidc\/city\/request$/, () => json({ url: 'https://id.example/authorize?state=s' }))
    await wrapper.get('[data-testid=provider-city]').trigger('click')
    await flushPromises()
    expect(assign).toHaveBeenCalledWith('https://id.example/authorize?state=s')
    expect(sessionStorage.getItem('qt-next')).toBe('/runs')
    vi.unstubAllGlobals()
  })
  it('hands in once what was brought, takes it out of the address, and goes on to the page asked for', async () => {
    remember('/runs')
    hub.on('POST', /oidc\/city$/, done).on('GET', /session$/, () => json(person))
    const { router } = await mountPage(ReturnPage, { route: '/sign-in/:provider', at: '/sign-in/city?code=c&state=s&iss=https%3A%2F%2Fid.example' })
    await flushPromises()
    expect(hub.calls.find((call) => /oidc\/city$/.test(call.path))?.body).toEqual({ state: 's', code: 'c', iss: 'https://id.example' })
    expect(hub.of('POST', /oidc\/city$/)).toBe(1)
    expect(window.location.search).toBe('')
    expect(router.currentRoute.value.path).toBe('/runs')
    expect(useSession().person?.provider).toBe('city')
  })
  it('asks for the second factor, again after a wrong one', async () => {
    hub.on('POST', /oidc\/city$/, () => refusal(401, 'org.second_factor_needed')).on('POST', /second-factor$/, () => refusal(401, 'org.bad_code'))
    const { wrapper, router } = await mountPage(ReturnPage, { route: '/sign-in/:provider', at: '/sign-in/city?code=c&state=s' })
    await flushPromises()
    expect(wrapper.find('[data-testid=return-error]').exists()).toBe(false)
    await wrapper.get('#code').setValue('000000')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=return-error]').text()).toContain('中文：org.bad_code')

    hub.on('POST', /second-factor$/, done).on('GET', /session$/, () => json(person))
    await wrapper.get('#code').setValue('123456')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/')
  })
  it('says why somebody is refused and leads back', async () => {
    hub.on('POST', /oidc\/city$/, () => refusal(403, 'org.identity_unknown'))
    const { wrapper } = await mountPage(ReturnPage, { route: '/sign-in/:provider', at: '/sign-in/city?code=c&state=s' })
    await flushPromises()
    expect(wrapper.get('[data-testid=return-error]').text()).toContain('中文：org.identity_unknown')
    expect(wrapper.find('[data-testid=return-back]').exists()).toBe(true)
  })
})

describe('binding', () => {
  it('offers who came and is not bound, binds and unbinds', async () => {
    const account = { username: 'shen', displayName: '沈', roles: [], department: null, state: 'ENABLED', secondFactor: false, passwordIsFirst: false, lastSignIn: null, lockedUntil: null }
    const newcomer = { issuer: 'https://id.example', subject: 'u-1', name: '沈', attempts: 1, lastAt: '2026-11-23T08:00:00Z' }
    let bound: object[] = []
    hub
      .on('GET', /accounts$/, () => json([account]))
      .on('GET', /departments$/, () => json([]))
      .on('GET', /session\/oidc$/, () => json(PROVIDERS))
      .on('GET', /newcomers$/, () => json(bound.length ? [] : [newcomer]))
      .on('GET', /shen\/identities$/, () => json(bound))
      .on('POST', /shen\/identities$/, () => {
        bound = [{ ...newcomer, boundBy: 'sysadmin', boundAt: newcomer.lastAt, confirmedAt: null, lastUsed: null }]
        return done()
      })
      .on('DELETE', /shen\/identities\?/, () => {
        bound = []
        return done()
      })
    const { wrapper } = await mountPage(AccountsPage, { person: { username: 'sysadmin', roles: ['SYSTEM_ADMIN'] } })
    await wrapper.get('[data-testid=identities-shen]').trigger('click')
    await flushPromises()
    const inside = (what: string): HTMLElement => document.body.querySelector<HTMLElement>(`[data-testid="${what}"]`)!
    inside('bind-u-1').click()
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ issuer: 'https://id.example', subject: 'u-1' })
    inside('unbind-u-1').click()
    await flushPromises()
    expect(hub.of('DELETE', /identities\?issuer=https%3A%2F%2Fid\.example&subject=u-1/)).toBe(1)
    expect(inside('bind-u-1')).not.toBeNull()
  })
})
