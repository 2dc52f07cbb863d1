import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'own-account',
  messages,
  routes: [{ path: '/own-account', name: 'own-account', component: () => import('./OwnAccountPage.vue'), meta: { title: 'ownAccount.title' } }],
} satisfies UiModule
