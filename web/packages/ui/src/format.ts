/** How numbers and times are written, in one place. Every function is pure: the language and the present moment are arguments. */

const isChinese = (locale: string): boolean => locale.startsWith('zh')

export const NOTHING = '—'

/** The number with thousands separators, every digit of it. */
export function exact(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 }).format(value)
}

/** Rounds towards zero: a figure on a screen never claims more than there is. */
function cut(value: number, digits: number): string {
  const factor = 10 ** digits
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }).format(
    Math.trunc(value * factor + (value < 0 ? -1e-9 : 1e-9)) / factor,
  )
}

export interface Quantity {
  digits: string
  /** 万, 亿, M, B, or nothing. */
  scale: string
}

/** 12,345,000 is 1,234.5 万 in Chinese and 12.3 M in English; what is short enough stays exact. */
export function quantity(value: number | null | undefined, locale: string): Quantity {
  if (value === null || value === undefined || Number.isNaN(value)) return { digits: NOTHING, scale: '' }
  const size = Math.abs(value)
  if (isChinese(locale)) {
    if (size >= 1e8) return { digits: cut(value / 1e8, size >= 1e10 ? 1 : 2), scale: '亿' }
    if (size >= 1e5) return { digits: cut(value / 1e4, 1), scale: '万' }
  } else {
    if (size >= 1e9) return { digits: cut(value / 1e9, size >= 1e11 ? 1 : 2), scale: 'B' }
    if (size >= 1e6) return { digits: cut(value / 1e6, size >= 1e7 ? 1 : 2), scale: 'M' }
  }
  return { digits: exact(value), scale: '' }
}

export function count(value: number | null | undefined, locale: string): string {
  const { digits, scale } = quantity(value, locale)
  return scale ? `${digits} ${scale}` : digits
}

const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

export function byteQuantity(value: number | null | undefined): Quantity {
  if (value === null || value === undefined || Number.isNaN(value)) return { digits: NOTHING, scale: '' }
  let size = value
  let unit = 0
  while (size >= 1000 && unit < byteUnits.length - 1) {
    size /= 1000
    unit++
  }
  return { digits: unit === 0 ? exact(size) : cut(size, size >= 100 ? 0 : 1), scale: byteUnits[unit] ?? 'B' }
}

export function bytes(value: number | null | undefined): string {
  const { digits, scale } = byteQuantity(value)
  return scale ? `${digits} ${scale}` : digits
}

/** A share of 1. 100% is written only for all of it: 69,999 of 70,000 is 99.9%. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return NOTHING
  if (share >= 1) return '100%'
  if (share > 0 && share < 0.001) return '<0.1%'
  return `${cut(share * 100, 1)}%`
}

const two = (value: number): string => String(value).padStart(2, '0')

function parse(at: string | null | undefined): Date | null {
  if (!at) return null
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date
}

/** 2026-11-23 16:05, local. */
export function dateTime(at: string | null | undefined): string {
  const date = parse(at)
  if (!date) return NOTHING
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** 2026-11-23 16:05:09, for the hover and for evidence. */
export function dateTimeExact(at: string | null | undefined): string {
  const date = parse(at)
  return date ? `${dateTime(at)}:${two(date.getSeconds())}` : NOTHING
}

/** 3 分钟前; after a week the date itself. */
export function ago(at: string | null | undefined, now: number, locale: string): string {
  const date = parse(at)
  if (!date) return NOTHING
  const zh = isChinese(locale)
  const seconds = Math.max(0, Math.floor((now - date.getTime()) / 1000))
  if (seconds < 60) return zh ? '刚刚' : 'just now'
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return zh ? `${minutes} 分钟前` : `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return zh ? `${hours} 小时前` : `${hours} h ago`
  const days = Math.floor(hours / 24)
  if (days <= 7) return zh ? `${days} 天前` : days === 1 ? '1 day ago' : `${days} days ago`
  return dateTime(at)
}

export function duration(milliseconds: number | null | undefined, locale: string): string {
  if (milliseconds === null || milliseconds === undefined || Number.isNaN(milliseconds)) return NOTHING
  const zh = isChinese(locale)
  if (milliseconds < 1000) return zh ? `${Math.max(0, Math.round(milliseconds))} 毫秒` : `${Math.max(0, Math.round(milliseconds))} ms`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return zh ? `${seconds} 秒` : `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return zh ? `${minutes} 分 ${seconds % 60} 秒` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return zh ? `${hours} 小时 ${minutes % 60} 分` : `${hours} h ${minutes % 60} min`
}

export function between(from: string | null | undefined, to: string | null | undefined, now: number): number | null {
  const start = parse(from)
  if (!start) return null
  return Math.max(0, (parse(to)?.getTime() ?? now) - start.getTime())
}
