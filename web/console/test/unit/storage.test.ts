import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import StorageBanner from '../../src/StorageBanner.vue'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage } from './mounting'

const WELL = { health: 'OK', since: '2026-11-27T08:00:00Z', where: null, freeBytes: null, message: null }
const FULL = { health: 'FULL', since: '2026-11-27T08:00:00Z', where: '/data/lake', freeBytes: 0, message: { zh: '存储空间已满', en: 'Storage is full' } }

describe('the state of storage', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    chooseLocale('zh-CN')
  })
  afterEach(() => {
    vi.useRealTimers()
    document.body.innerHTML = ''
  })

  it('is shown as long as nothing new is taken, and goes by itself', async () => {
    let state: object = WELL
    new Hub().on('GET', /storage$/, () => json(state)).install()
    const { wrapper } = await mountPage(StorageBanner)
    expect(wrapper.find('[data-testid=storage]').exists()).toBe(false)
    state = FULL
    await vi.advanceTimersByTimeAsync(5_000)
    await flushPromises()
    expect(wrapper.get('[data-testid=storage]').text()).toContain('存储空间已满')
    chooseLocale('en')
    await flushPromises()
    expect(wrapper.get('[data-testid=storage]').text()).toContain('Storage is full')
    state = WELL
    await vi.advanceTimersByTimeAsync(2_000)
    await flushPromises()
    expect(wrapper.find('[data-testid=storage]').exists()).toBe(false)
  })
})
