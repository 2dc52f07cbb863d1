import { getCurrentScope, onScopeDispose, ref, type Ref } from 'vue'

/** Whether the window is as narrow as a phone. */
export function usePhone(width = 720): Ref<boolean> {
  const query = globalThis.matchMedia?.(`(max-width: ${width}px)`)
  const phone = ref(query?.matches ?? false)
  const listen = (event: MediaQueryListEvent): void => {
    phone.value = event.matches
  }
  query?.addEventListener('change', listen)
  if (getCurrentScope()) onScopeDispose(() => query?.removeEventListener('change', listen))
  return phone
}
