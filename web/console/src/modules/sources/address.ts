import type { SourceKind } from '@qiantang/api'

/** The ways by which events come: devices push to us, instruments speak HJ 212, we listen at a broker, we read a cluster. */
export type EventWay = 'push' | 'hj212' | 'mqtt' | 'kafka'

/** The way of a stream's address; null for any other. */
export function wayOf(location: string): EventWay | null {
  const text = location.trim()
  if (/^events:$/i.test(text)) return 'push'
  if (/^hj212:$/i.test(text)) return 'hj212'
  if (/^mqtts?:\/\/\S/i.test(text)) return 'mqtt'
  if (/^kafka:\/\/\S/i.test(text)) return 'kafka'
  return null
}

/** What a person chooses among, in their words; an address of each begins like this. */
export const CHOICES = {
  database: { start: 'jdbc:postgresql://', icon: 'database' },
  files: { start: '/', icon: 'folder' },
  api: { start: 'https://', icon: 'link' },
  push: { start: 'events:', icon: 'upload' },
  hj212: { start: 'hj212:', icon: 'gauge' },
  mqtt: { start: 'mqtts://', icon: 'signal' },
  kafka: { start: 'kafka://', icon: 'stream' },
  platform: { start: 'platform+https://', icon: 'link' },
} as const
export type Choice = keyof typeof CHOICES

/** The choice that an address, perhaps only begun, belongs to. */
export function choiceOf(location: string): Choice | null {
  const text = location.trim().toLowerCase()
  if (!text) return null
  if (text.startsWith('jdbc:')) return 'database'
  if (/^(sftp|webdavs?|s3|file):/.test(text) || /^(\/|[a-z]:[\\/])/.test(text)) return 'files'
  if (/^https?:/.test(text)) return 'api'
  if (/^(qiantang:|platform\+)/.test(text)) return 'platform'
  if (text.startsWith('events:')) return 'push'
  if (text.startsWith('hj212:')) return 'hj212'
  if (/^mqtts?:/.test(text)) return 'mqtt'
  return text.startsWith('kafka:') ? 'kafka' : null
}

/** The settings a kind of source knows; those of another kind are not sent along. */
export const SETTINGS: Partial<Record<SourceKind, string[]>> = {
  DATABASE: ['schemas', 'maxConnections'],
  SFTP: ['hostKey'],
  WEBDAV: ['allowPlainText'],
  S3: ['endpoint', 'region'],
}
const UNDERSTANDING = ['device', 'time', 'ignore', 'devices']
const TEXT = [...UNDERSTANDING, 'encoding']
export const EVENT_SETTINGS: Record<EventWay, string[]> = {
  push: TEXT,
  hj212: UNDERSTANDING,
  mqtt: [...TEXT, 'topics', 'topic-device', 'version', 'client'],
  kafka: [...TEXT, 'topics', 'topic-device', 'encryption', 'mechanism', 'group'],
}

/** What an address is, by the look of it; null while it cannot be told. */
export function kindOf(location: string): SourceKind | null {
  const text = location.trim()
  if (wayOf(text)) return 'EVENTS'
  if (/^jdbc:postgresql:\/\/\S+/i.test(text)) return 'POSTGRES'
  if (/^jdbc:(?!postgresql:)[a-z][a-z0-9+.-]*:\S+/i.test(text)) return 'DATABASE'
  if (/^sftp:\/\/\S/i.test(text)) return 'SFTP'
  if (/^webdavs?:\/\/\S/i.test(text)) return 'WEBDAV'
  if (/^s3:\/\/\S/i.test(text)) return 'S3'
  if (/^(qiantang|platform\+https?):\/\/[^/\s]/i.test(text)) return 'PLATFORM'
  if (/^(\/|[A-Za-z]:[\\/]|file:\/\/)/.test(text)) return 'FOLDER'
  if (/^https?:\/\/\S+/i.test(text)) return 'API'
  return null
}

/** A database product, by what follows `jdbc:` in its address. */
export interface Product {
  name: string
  example: string
  /** The driver that somebody must put into the drivers folder; null when it is there. */
  driver: string | null
  /** Whether it is a file that asks for no account. */
  isFile?: boolean
}

const MYSQL = { example: 'jdbc:mysql://host:3306/database', driver: null }
export const PRODUCTS: Record<string, Product> = {
  mysql: { name: 'MySQL', ...MYSQL },
  mariadb: { name: 'MariaDB', ...MYSQL, example: 'jdbc:mariadb://host:3306/database' },
  oracle: { name: 'Oracle', example: 'jdbc:oracle:thin:@//host:1521/service', driver: 'ojdbc11.jar' },
  sqlserver: { name: 'SQL Server', example: 'jdbc:sqlserver://host:1433;databaseName=database;encrypt=true', driver: 'mssql-jdbc-*.jre11.jar' },
  dm: { name: '达梦 DM', example: 'jdbc:dm://host:5236', driver: 'DmJdbcDriver18.jar' },
  kingbase8: { name: '人大金仓 KingbaseES', example: 'jdbc:kingbase8://host:54321/database', driver: 'kingbase8-*.jar' },
  opengauss: { name: 'openGauss', example: 'jdbc:opengauss://host:5432/database', driver: 'opengauss-jdbc-*.jar' },
  h2: { name: 'H2', example: 'jdbc:h2:/srv/exchange/database', driver: 'h2-*.jar', isFile: true },
  sqlite: { name: 'SQLite', example: 'jdbc:sqlite:/srv/exchange/database.db', driver: 'sqlite-jdbc-*.jar', isFile: true },
}

/** The product of an address, as far as it is known by name. */
export function productOf(location: string): Product | null {
  const scheme = /^jdbc:([a-z][a-z0-9+.-]*):/i.exec(location.trim())?.[1]?.toLowerCase()
  return (scheme && PRODUCTS[scheme]) || null
}

/** Whether somebody signs in there. */
export function hasAccount(kind: SourceKind | null, location = ''): boolean {
  if (kind === 'EVENTS') return ['mqtt', 'kafka'].includes(wayOf(location) ?? '')
  return kind !== null && kind !== 'FOLDER'
}

/** Passwords belong into the password field, where they are encrypted. */
export function hasPassword(location: string): boolean {
  return /[?&;](password|pwd)=/i.test(location) || /:\/\/[^/@\s]+:[^/@\s]+@/.test(location) || /^\s*jdbc:oracle:\w+:[^@\s]+@/i.test(location)
}

/** The last part of an address that says what it is: the database's or the folder's name. */
export function stemOf(location: string): string {
  const named = /[;?&](?:databaseName|schema)=([^;&]+)/i.exec(location)
  const text = location.trim().replace(/[?#;].*$/, '').replace(/[\\/]+$/, '')
  const stem = named?.[1] ?? (text.split(/[\\/]/).pop() ?? '').replace(/\.(db|sqlite3?)$/i, '')
  return kindOf(location) && !wayOf(location) ? stem : ''
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
  const way = wayOf(location)
  if (way) return departmentId ? clean(`${departmentId}_${way === 'push' ? 'events' : way}`) : ''
  return clean(stemOf(location)) || clean(departmentId)
}

export const NAME = /^[a-z][a-z0-9_]{0,39}$/
