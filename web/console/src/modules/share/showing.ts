/** How a field may be shown to who asked for it as `asked`: that, or anything that tells less. */
export function within(asked: string): string[] {
  if (asked === 'clear') return ['clear', 'keep(1,2)', 'keep(3,4)', 'keep(6,4)', 'pseudonym', 'hide']
  return asked === 'hide' ? ['hide'] : [asked, 'hide']
}

/** The words for a way of showing. */
export function said(showing: string, t: (key: string, named?: Record<string, unknown>) => string): string {
  const keep = /^keep\((\d+),(\d+)\)$/.exec(showing)
  return keep ? t('share.keep', { head: keep[1], tail: keep[2] }) : t(`share.showings.${showing}`)
}
