import { describe, expect, it } from 'vitest'
import { ago, bytes, count, dateTime, duration, percent } from '@qiantang/ui'

describe('numbers', () => {
  it('are short in the person’s own units', () => {
    expect(count(12_345_678, 'zh-CN')).toBe('1,234.5 万')
    expect(count(1_234_567_890, 'zh-CN')).toBe('12.34 亿')
    expect(count(12_345_678, 'en')).toBe('12.3 M')
  })
  it('stay exact while they are short enough', () => {
    expect(count(98_765, 'zh-CN')).toBe('98,765')
    expect(count(987_654, 'en')).toBe('987,654')
    expect(count(0, 'zh-CN')).toBe('0')
  })
  it('never show zero for what is not known', () => {
    expect(count(null, 'zh-CN')).toBe('—')
    expect(percent(null)).toBe('—')
    expect(bytes(undefined)).toBe('—')
  })
  it('never round up to more than there is', () => {
    expect(count(999_999, 'zh-CN')).toBe('99.9 万')
    expect(count(1_999_999, 'en')).toBe('1.99 M')
  })
})

describe('the completeness rate', () => {
  it('says 100% only when nothing is missing', () => {
    expect(percent(1)).toBe('100%')
    expect(percent(69_999 / 70_000)).toBe('99.9%')
    expect(percent(0.99999999)).toBe('99.9%')
  })
  it('does not say 0% when something is there', () => {
    expect(percent(0.0001)).toBe('<0.1%')
    expect(percent(0)).toBe('0%')
  })
  it('survives floating point', () => {
    expect(percent(0.57)).toBe('57%')
    expect(percent(0.29)).toBe('29%')
  })
})

describe('times', () => {
  const now = new Date('2026-11-23T08:00:00Z').getTime()
  it('are local, to the minute', () => {
    expect(dateTime('2026-11-23T08:05:59Z')).toBe('2026-11-23 16:05')
  })
  it('are relative while that helps', () => {
    expect(ago('2026-11-23T07:57:00Z', now, 'zh-CN')).toBe('3 分钟前')
    expect(ago('2026-11-22T08:00:00Z', now, 'en')).toBe('1 day ago')
    expect(ago('2026-10-01T08:00:00Z', now, 'zh-CN')).toBe('2026-10-01 16:00')
  })
  it('are never in the future because a clock is off', () => {
    expect(ago('2026-11-23T08:00:40Z', now, 'zh-CN')).toBe('刚刚')
  })
  it('tell durations as people do', () => {
    expect(duration(80_000, 'zh-CN')).toBe('1 分 20 秒')
    expect(duration(3_660_000, 'en')).toBe('1 h 1 min')
  })
})
