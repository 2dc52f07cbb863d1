import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'value',
  messages,
  roles: ['ENGINEER', 'AUDITOR'],
  menu: { to: '/value', icon: 'chart', label: 'value.menu', order: 4.9 },
  routes: [{ path: '/value', name: 'value', component: () => import('./ValuePage.vue'), meta: { title: 'value.title' } }],
} satisfies UiModule
