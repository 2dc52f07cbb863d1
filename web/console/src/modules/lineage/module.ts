import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'lineage',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST'],
  routes: [{ path: '/lineage/:id', name: 'lineage', component: () => import('./LineagePage.vue'), meta: { title: 'lineage.title', wide: true } }],
} satisfies UiModule
