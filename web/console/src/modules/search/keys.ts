/** Whether a key that was pressed is a character somebody writes. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Which of so many things comes next when an arrow is pressed; none stays where it is at an end. */
export function nextOf(count: number, now: number, key: string): number | undefined {
  if (count === 0) return undefined
  if (key === 'ArrowDown') return Math.min(count - 1, now + 1)
  if (key === 'ArrowUp') return now - 1
  return undefined
}
