import type { UiModule } from '../../module'
import * as messages from './messages'

/** For everybody, without a sign-in. */
export default {
  name: 'open',
  messages,
  routes: [
    { path: '/open', name: 'open', component: () => import('./OpenPage.vue'), meta: { open: true, title: 'open.title' } },
    { path: '/open/:id', name: 'open-dataset', component: () => import('./OpenDatasetPage.vue'), meta: { open: true, title: 'open.title' } },
  ],
} satisfies UiModule
