import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'sql',
  messages,
  roles: ['ANALYST', 'ENGINEER', 'OFFICER'],
  menu: { to: '/sql', icon: 'sql', label: 'sql.menu', order: 5 },
  routes: [{ path: '/sql', name: 'sql', component: () => import('./SqlPage.vue'), meta: { title: 'sql.menu', wide: true } }],
} satisfies UiModule
