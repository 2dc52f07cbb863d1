import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SigningKey } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import SigningKeysPage from '../../src/modules/signing-keys/SigningKeysPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const key = (keyId: string, state: SigningKey['state'], until: string | null = null): SigningKey => ({ keyId, algorithm: 'EC', state, signsFrom: '2026-11-28T02:00:00Z', until })

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().install()
})
const open = (role: 'SECURITY_ADMIN' | 'AUDIT_ADMIN') => mountPage(SigningKeysPage, { person: { roles: [role] } })

describe('the signing keys', () => {
  it('says which signs, which will and which still counts, and changes one only when it is said twice', async () => {
    hub.on('GET', /signing-keys$/, () => json([key('new', 'SIGNS'), key('old', 'COUNTS', '2026-11-28T02:06:00Z')])).on('GET', /exchange\/keys$/, () => json([key('next', 'ANNOUNCED'), key('now', 'SIGNS')]))
    hub.on('POST', /signing-keys\/rotate$/, () => json([key('newest', 'SIGNS')]))
    const { wrapper } = await open('SECURITY_ADMIN')
    expect(wrapper.get('[data-testid=ring-TOKENS]').text()).toContain('不再签名，仍然有效')
    expect(wrapper.get('[data-testid=ring-PEERS]').text()).toContain('下一把已经公布')
    expect(wrapper.get('[data-testid=rotate-PEERS]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-testid=rotate-TOKENS]').trigger('click')
    await flushPromises()
    expect(hub.of('POST', /rotate/)).toBe(0)
    document.querySelector<HTMLFormElement>('.el-dialog form')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(hub.of('POST', /signing-keys\/rotate$/)).toBe(1)
    expect(wrapper.get('[data-testid=ring-TOKENS]').text()).toContain('已更换')
  })
  it('lets the audit administrator look and nothing else, and says when they cannot be read', async () => {
    hub.on('GET', /signing-keys$/, () => json([key('one', 'SIGNS')])).on('GET', /exchange\/keys$/, () => json([key('two', 'SIGNS')]))
    const { wrapper } = await open('AUDIT_ADMIN')
    expect(wrapper.findAll('[data-testid=signing-key]')).toHaveLength(2)
    expect(wrapper.find('[data-testid=rotate-TOKENS]').exists()).toBe(false)
    hub = new Hub().install()
    hub.on('GET', /keys$/, () => refusal(503, 'core.unavailable'))
    const away = await open('SECURITY_ADMIN')
    expect(away.wrapper.text()).toContain('没能读出签名密钥')
  })
})
