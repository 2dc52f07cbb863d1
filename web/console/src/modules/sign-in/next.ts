const KEY = 'qt-next'

/** Only a path of this console: a link from elsewhere must not send people away after they signed in. */
export function inside(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : '/'
}

/** Where to go on once the browser is back from a provider; kept by this tab alone. */
export function remember(to: string): void {
  sessionStorage.setItem(KEY, to)
}

export function remembered(): string {
  const to = inside(sessionStorage.getItem(KEY))
  sessionStorage.removeItem(KEY)
  return to
}
