import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'exchange',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR'],
  routes: [{ path: '/share/subscriptions/:id', name: 'subscription', component: () => import('./SubscriptionPage.vue'), meta: { title: 'exchange.subscription' } }],
} satisfies UiModule
