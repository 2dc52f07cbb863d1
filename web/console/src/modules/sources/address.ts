import type { SourceKind } from '@qiantang/api'

/** What an address is, by the look of it; null while it cannot be told. */
export function kindOf(location: string): SourceKind | null {
  const text = location.trim()
  if (/^jdbc:postgresql:\/\/\S+/i.test(text)) return 'POSTGRES'
  if (/^(\/|[A-Za-z]:[\\/]|file:\/\/)/.test(text)) return 'FOLDER'
  if (/^https?:\/\/\S+/i.test(text)) return 'API'
  return null
}

/** Passwords belong into the password field, where they are encrypted. */
export function hasPassword(location: string): boolean {
  return /[?&]password=/i.test(location) || /:\/\/[^/@\s]+:[^/@\s]+@/.test(location)
}

/** The last part of an address that says what it is: the database's or the folder's name. */
export function stemOf(location: string): string {
  const text = location.trim().replace(/[?#].*$/, '').replace(/[\\/]+$/, '')
  const stem = text.split(/[\\/]/).pop() ?? ''
  return kindOf(location) ? stem : ''
}

/** A source's name made of its address: what the lake's table names will start with. */
export function nameFor(location: string, departmentId: string): string {
  const clean = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .replace(/^([0-9])/, 's_$1')
      .slice(0, 40)
  return clean(stemOf(location)) || clean(departmentId)
}

export const NAME = /^[a-z][a-z0-9_]{0,39}$/
