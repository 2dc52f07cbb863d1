import './element'
import '@qiantang/ui/tokens.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { onSignedOut } from './client'
import { currentLocale, i18n } from './i18n'
import { router } from './router'
import { useSession } from './session'

document.documentElement.lang = currentLocale()

const app = createApp(App).use(createPinia()).use(i18n).use(router)
onSignedOut(() => {
  useSession().ended()
  const here = router.currentRoute.value
  if (!here.meta.open) void router.push({ name: 'sign-in', query: { next: here.fullPath, ended: '1' } })
})
app.mount('#app')
