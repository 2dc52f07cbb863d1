import { ref } from 'vue'
import { createClient } from '@qiantang/api'
import { currentLocale } from './i18n'

/** Whether the hub answered last time. */
export const reachable = ref(true)

let signedOut: () => void = () => undefined
/** What to do when a call finds the session ended; set by the session store. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler
}

export const api = createClient({
  locale: currentLocale,
  onSignedOut: () => signedOut(),
  onReachable: (yes) => (reachable.value = yes),
})
