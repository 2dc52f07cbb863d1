import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'search',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST'],
  routes: [{ path: '/search', name: 'search', component: () => import('./SearchPage.vue'), meta: { title: 'search.title' } }],
} satisfies UiModule
